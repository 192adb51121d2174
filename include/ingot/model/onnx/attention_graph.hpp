// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/attention_graph.hpp: attention of one layer as nodes: projections, rotation, cache, softmax, output.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/model/attention.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/onnx/graph_parts.hpp>
#include <ingot/model/onnx/positions_graph.hpp>

namespace ingot::model::onnx::detail {

class AttentionGraph {
 public:
  AttentionGraph(Parts& parts, PositionsGraph& positions, std::uint32_t layer, std::string block)
      : p_{parts},
        g_{parts.graph},
        positions_{positions},
        layer_{parts.config.layers[layer]},
        shape_{parts.config.extents_of(layer)},
        number_{std::to_string(layer)},
        name_{std::move(block) + "self_attn."} {}

  /// W_o attention(n), n: [batch, sequence, hidden]
  Value run(const Value& n) {
    Heads heads = p_.family.attention == Attention::latent ? latent(n) : project(n);
    remember(heads.key, "key", heads.key_width);
    remember(heads.value, "value", heads.value_width);
    Value context = attend(heads);  // [batch, sequence, heads * value width]
    if (p_.family.gated_attention)
      context = g_.add("Mul", {context, g_.add("Sigmoid", {p_.linear(n, name_ + "gate_proj", Role::attention_gate)})});
    return p_.linear(g_.times(context, p_.config.value_scale), name_ + "o_proj", Role::output);
  }

 private:
  struct Heads {
    std::int64_t count, kv_count, key_width, value_width;
    Value query = {}, key = {}, value = {};  // [batch, heads or kv_heads, sequence, width]
  };

  /// [batch, sequence, count * width] as [batch, count, sequence, width]
  Value by_head(const Value& x, std::int64_t count, std::int64_t width) {
    return g_.transpose(g_.reshape(x, {0, 0, count, width}), {0, 2, 1, 3});
  }

  Heads project(const Value& n) {
    Heads h{.count = shape_.heads, .kv_count = shape_.kv_heads, .key_width = shape_.head_dim, .value_width = shape_.value_width()};
    h.query = turn(by_head(p_.linear(n, name_ + "q_proj", Role::query), h.count, h.key_width), "q_norm.weight");
    h.key = turn(by_head(p_.linear(n, name_ + "k_proj", Role::key), h.kv_count, h.key_width), "k_norm.weight");
    h.value = by_head(p_.linear(n, name_ + "v_proj", Role::value), h.kv_count, h.value_width);
    if (const Value factor = positions_.query_factor(layer_); !factor.empty()) h.query = g_.add("Mul", {h.query, factor});
    return h;
  }

  /// Keys and values are expanded from the compressed row before they are cached, as transformers does (arXiv 2405.04434, section 2.1).
  Heads latent(const Value& n) {
    const std::int64_t heads = shape_.heads, rank = shape_.kv_rank, turned = shape_.rope_dim, unturned = shape_.head_dim - shape_.rope_dim;
    Heads h{.count = heads, .kv_count = heads, .key_width = shape_.head_dim, .value_width = shape_.value_width()};
    Value query;
    if (shape_.query_rank == 0) {
      query = p_.linear(n, name_ + "q_proj", Role::query);
    } else {
      const Value compressed = p_.linear(n, name_ + "q_a_proj", Role::query_down);
      const Value normed = p_.rms_norm(compressed, p_.weights.vector(name_ + "q_a_layernorm.weight"), p_.config.latent_eps);
      query = p_.linear(normed, name_ + "q_b_proj", Role::query_up);
    }
    const auto parts = split(by_head(query, heads, h.key_width), {unturned, turned});
    h.query = g_.concat({parts[0], rotate(parts[1])}, -1);

    const auto down = split(p_.linear(n, name_ + "kv_a_proj_with_mqa", Role::kv_down), {rank, turned});
    const Value row = p_.rms_norm(down[0], p_.weights.vector(name_ + "kv_a_layernorm.weight"), p_.config.latent_eps);
    const Value rows = g_.unsqueeze(row, 1);                                      // [batch, 1, sequence, rank]
    const auto of_heads = [&](const char* name, Role role, std::int64_t width) {  // [heads * width, ...]
      const std::string weight = name_ + name + ".weight", sources[] = {weight};
      return g_.transpose(g_.reshape(p_.weights.factor(weight, sources, p_.scheme_of(role)), {-1, heads, width}), {1, 0, 2});
    };
    const Value key_up = g_.transpose(of_heads("key_up_proj", Role::key_up, rank), {0, 2, 1});  // [heads, rank, unturned]
    const Value value_up = of_heads("value_up_proj", Role::value_up, h.value_width);            // [heads, rank, value width]
    const Value keys = g_.add("MatMul", {rows, key_up}), turned_key = rotate(g_.unsqueeze(down[1], 1));
    const Value shape = g_.concat({g_.add("Shape", {keys}, {{"end", std::int64_t{3}}}), g_.list({turned})}, 0);
    h.key = g_.concat({keys, g_.add("Expand", {turned_key, shape})}, -1);
    h.value = g_.add("MatMul", {rows, value_up});
    return h;
  }

  std::vector<Value> split(const Value& x, std::vector<std::int64_t> widths) {
    const Value sizes = g_.constant(std::span<const std::int64_t>{widths}, {static_cast<std::int64_t>(widths.size())});
    return g_.add_split("Split", {x, sizes}, widths.size(), {{"axis", std::int64_t{-1}}});
  }

  /// Norm and rotation of query or key heads.
  Value turn(Value x, const char* norm) {
    const QkNorm kind = p_.family.qk_norm;
    const auto normalize = [&](bool weighted) {
      if (p_.config.qk_norm) x = p_.rms_norm(x, weighted ? p_.weights.vector(name_ + norm) : Value{}, p_.config.norm_eps);
    };
    if (kind == QkNorm::before_rope) normalize(true);
    if (layer_.rope >= 0) {
      x = rotate(x);
      if (kind == QkNorm::after_rope_unweighted) normalize(false);
    }
    if (kind == QkNorm::after_rope) normalize(true);
    return x;
  }

  /// The leading dimensions of each head, turned: (a, b) becomes (a cos - b sin, b cos + a sin).
  Value rotate(const Value& x) {
    const Rotation& r = positions_.rotation(layer_);
    const std::int64_t rotary = p_.config.ropes[static_cast<std::size_t>(layer_.rope)].rotary;
    const std::int64_t width = p_.family.attention == Attention::latent ? shape_.rope_dim : shape_.head_dim;
    const auto product = [&](const char* op, const Value& a, const Value& first, const Value& b, const Value& second) {
      return g_.add(op, {g_.add("Mul", {a, first}), g_.add("Mul", {b, second})});
    };
    if (p_.family.rope == RopePairs::halves) {
      std::vector<std::int64_t> widths{rotary / 2, rotary / 2};
      if (width != rotary) widths.push_back(width - rotary);
      const auto part = split(x, widths);
      const Value a = product("Sub", part[0], r.cosine, part[1], r.sine), b = product("Add", part[1], r.cosine, part[0], r.sine);
      return g_.concat(width == rotary ? std::vector{a, b} : std::vector{a, b, part[2]}, -1);
    }
    const Value even = g_.slice(x, 0, rotary, -1, 2), odd = g_.slice(x, 1, rotary, -1, 2);
    const Value a = product("Sub", even, r.cosine, odd, r.sine), b = product("Add", odd, r.cosine, even, r.sine);
    const Value turned = g_.reshape(g_.concat({g_.unsqueeze(a, -1), g_.unsqueeze(b, -1)}, -1), {0, 0, -1, rotary});
    return width == rotary ? turned : g_.concat({turned, g_.slice(x, rotary, width, -1)}, -1);
  }

  /// x becomes what was cached and x; that goes out.
  void remember(Value& x, const char* what, std::int64_t width) {
    const std::int64_t kv_heads = p_.family.attention == Attention::latent ? shape_.heads : shape_.kv_heads;
    const bool fixed = p_.form.rows != 0;
    const std::string past = "past_key_values." + number_ + "." + what, present = "present." + number_ + "." + what;
    const auto port = [&](const std::string& name, const char* positions) {
      return Port{name, Type::f32, {batch(), kv_heads, fixed ? PortExtent{std::int64_t{p_.form.cached}} : PortExtent{positions}, width}};
    };
    g_.input(port(past, "past_sequence_length"));
    g_.output(port(present, "past_sequence_length + sequence_length"));
    x = g_.concat({past, x}, 2, fixed ? Value{} : present);
    if (!fixed) return;
    x = p_.round(x, name_ + what);
    g_.slice(x, p_.form.rows, p_.form.context(), 2, 1, present);
  }
  [[nodiscard]] PortExtent batch() const { return p_.form.rows != 0 ? PortExtent{std::int64_t{1}} : PortExtent{std::string{"batch_size"}}; }

  /// softmax(scale q k^T + mask) v. The query heads of a KV head are rows of one product.
  Value attend(const Heads& h) {
    const bool grouped = h.count != h.kv_count;
    Value query = p_.round(h.query, name_ + "query");
    if (grouped) query = g_.reshape(query, {0, h.kv_count, -1, h.key_width});
    Value scores = g_.add("MatMul", {query, g_.transpose(h.key, {0, 1, 3, 2})});
    scores = g_.times(scores, attention_scale(p_.config, shape_));
    if (grouped) scores = g_.reshape(scores, {0, h.count, -1, 0});  // [batch, heads, sequence, keys]
    scores = p_.soft_cap(scores, p_.config.attention_cap);
    Value weights = softmax(g_.add("Add", {scores, positions_.mask(layer_)}), h.count);
    if (p_.form.activations.bits != 0) weights = p_.round(weights, Range{0, 1});
    if (grouped) weights = g_.reshape(weights, {0, h.kv_count, -1, 0});
    Value context = g_.add("MatMul", {weights, h.value});
    if (grouped) context = g_.reshape(context, {0, h.count, -1, h.value_width});
    return g_.reshape(g_.transpose(context, {0, 2, 1, 3}), {0, 0, h.count * h.value_width});
  }

  /// Over the keys and, where the layer has sinks, one more per head, whose part is lost.
  Value softmax(const Value& scores, std::int64_t heads) {
    const Attributes last{{"axis", std::int64_t{-1}}};
    if (!p_.weights.has(name_ + "sinks")) return g_.add("Softmax", {scores}, last);
    const Value shape = g_.concat({g_.add("Shape", {scores}, {{"end", std::int64_t{3}}}), g_.list({1})}, 0);
    const Value sinks = g_.add("Expand", {g_.reshape(p_.weights.vector(name_ + "sinks"), {1, heads, 1, 1}), shape});
    const Value all = g_.add("Softmax", {g_.concat({scores, sinks}, -1)}, last);
    return g_.slice(all, 0, -1, -1);
  }

  Parts& p_;
  GraphBuilder& g_;
  PositionsGraph& positions_;
  const Layer& layer_;
  const Shape& shape_;
  std::string number_, name_;
};

}  // namespace ingot::model::onnx::detail
