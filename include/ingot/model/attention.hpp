// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/attention.hpp: multi-head attention with grouped queries: projections, rotation, cache, output.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <ingot/model/cached_attention.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/residual.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// What the products of queries and keys of a layer are multiplied by.
[[nodiscard]] inline float attention_scale(const Config& config, const Shape& shape) noexcept {
  return config.attention_scale != 0 ? config.attention_scale : 1 / std::sqrt(static_cast<float>(shape.head_dim));
}

/// The factor of a query at `position` (see QueryScaling).
[[nodiscard]] inline float query_factor(const Config& config, const Layer& layer, std::uint32_t position) noexcept {
  const double place = position + 1.0;
  if (config.query_scaling == QueryScaling::logarithm && place > config.query_floor)
    return static_cast<float>(std::log(place) / std::log(config.query_floor));
  if (config.query_scaling == QueryScaling::temperature && layer.rope < 0)
    return static_cast<float>(1 + config.query_scale * std::log1p(std::floor(place / config.query_floor)));
  return 1;
}

/// Turns a head by the position of `row`.
template <Family F, class Backend>
void rotate(const LanePass<Backend>& p, const RopeTable& rope, std::size_t row, float* head) {
  const std::uint32_t position = p.state.turns.first[row];
  const auto& kernels = p.backend.kernels;
  if constexpr (F.rope == RopePairs::adjacent) {
    kernels.rope_pair(head, rope.cosine(position), rope.sine(position), rope.rotary());
  } else {
    kernels.rope_half(head, rope.cosine(position), rope.sine(position), rope.rotary());
    if constexpr (F.rope == RopePairs::planar) {
      const std::uint32_t second = p.state.turns.second[row];
      kernels.rope_half(head + rope.rotary(), rope.cosine(second), rope.sine(second), rope.rotary());
    }
  }
}

/// Norms and rotation of one layer's heads, as attend_cached() asks for them.
template <Family F, class Backend>
struct HeadTurn {
  const LanePass<Backend>& p;
  const HeadsWeights<Backend>& w;
  const Layer& layer;
  std::size_t width;  ///< of a head

  void query(std::size_t row, std::uint32_t, float* head) const {
    turn(row, w.query_norm, head);
    const float factor = query_factor(p.config, layer, p.state.positions[row]);
    if (factor != 1) p.backend.kernels.scale(head, factor, width);
  }
  void key(std::size_t row, std::uint32_t, float* head) const { turn(row, w.key_norm, head); }

 private:
  void turn(std::size_t row, const float* norm, float* head) const {
    const auto normalize = [&](const float* weight) {
      if (p.config.qk_norm) p.backend.kernels.rms_norm(head, weight, head, width, p.config.norm_eps);
    };
    if constexpr (F.qk_norm == QkNorm::before_rope) normalize(norm);
    if (layer.rope >= 0) {
      rotate<F>(p, p.ropes[static_cast<std::size_t>(layer.rope)], row, head);
      if constexpr (F.qk_norm == QkNorm::after_rope_unweighted) normalize(nullptr);
    }
    if constexpr (F.qk_norm == QkNorm::after_rope) normalize(norm);
  }
};

/// residual += W_o attention(turn(W_q n), turn(W_k n), W_v n), n the fed rows
template <Family F, class Backend>
void attend(LanePass<Backend>& p, std::uint32_t layer) {
  const Shape& shape = p.backend.extents_of(layer);
  const LayerWeights<Backend>& w = p.weights.layers[layer];
  StepState& state = p.state;

  // A decoding lane owns whole KV heads where they divide evenly; then it alone reads the q, k, v it has computed.
  const std::size_t key_panels = shape.head_dim / quant::panel_rows, value_panels = shape.value_width() / quant::panel_rows;
  const bool own_heads = p.replicated && shape.kv_heads % p.lane.size() == 0 && shape.head_dim % quant::panel_rows == 0 &&
                         shape.value_width() % quant::panel_rows == 0;
  const Slice heads = own_heads ? p.lane.slice(shape.kv_heads) : Slice{};
  const auto panels = [&](const auto& linear, std::size_t per_head) {
    return own_heads ? Slice{heads.begin * per_head, heads.end * per_head} : p.panels_of(linear);
  };
  p.multiply(w.heads.query, state.query, panels(w.heads.query, key_panels * shape.group()));  // [rows, heads * head_dim]
  p.multiply(w.heads.key, state.key, panels(w.heads.key, key_panels));                        // [rows, kv_heads * head_dim]
  p.multiply(w.heads.value, state.value, panels(w.heads.value, value_panels));                // [rows, kv_heads * value width]
  if constexpr (F.gated_attention) p.multiply(w.heads.gate, state.gate);                      // [rows, heads * value width]
  if (!own_heads) p.lane.barrier();

  p.expect(w.output);
  const HeadTurn<F, Backend> turn{p, w.heads, p.config.layers[layer], shape.head_dim};
  const Rows<float> context = attend_cached(p,
                                            CachedAttention<HeadTurn<F, Backend>>{.layer = layer,
                                                                                  .heads = cached_heads(p.config, layer),
                                                                                  .scale = attention_scale(p.config, shape),
                                                                                  .sinks = w.heads.sinks,
                                                                                  .turn = turn},
                                            heads);
  if (F.gated_attention || p.config.value_scale != 1) {
    for (std::size_t r = p.mine.begin; r < p.mine.end; ++r) {
      if constexpr (F.gated_attention) p.backend.kernels.sigmoid_gate(context.row(r), state.gate.row(r), shape.context_width());
      if (p.config.value_scale != 1) p.backend.kernels.scale(context.row(r), p.config.value_scale, shape.context_width());
    }
    p.share();
  }
  p.feed(context, shape.context_width());
  add_to_residual<F>(p, w.output);
  if constexpr (F.feed_forward == FeedForward::plain)
    p.expect(w.dense.up);
  else
    p.expect(w.dense.gate);
  p.lane.barrier();
}

}  // namespace ingot::model
