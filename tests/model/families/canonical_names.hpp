// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/families/canonical_names.hpp: a family's name map applied to tensors without values, and what must come out.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/arrangement.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/family.hpp>

#include <doctest/doctest.h>

namespace ingot::test {

using Extents = std::vector<std::size_t>;

/// A tensor of zeros; '#' in the name stands for each layer, '*' for each expert.
struct Tensor {
  std::string name;
  Extents shape;
};

inline std::vector<Tensor> expanded(const std::vector<Tensor>& tensors, char mark, std::size_t count) {
  std::vector<Tensor> all;
  for (const Tensor& tensor : tensors) {
    const std::size_t at = tensor.name.find(mark);
    for (std::size_t i = 0; i < (at == std::string::npos ? 1 : count); ++i) {
      all.push_back(tensor);
      if (at != std::string::npos) all.back().name.replace(at, 1, std::to_string(i));
    }
  }
  return all;
}

/// `layers`: of the checkpoint; fewer than the config's where blocks repeat.
template <class Family>
Result<checkpoint::TensorIndex> arranged(const model::Config& config, const std::vector<Tensor>& tensors) {
  static const std::vector<std::byte> zeros(std::size_t{1} << 18);
  std::vector<checkpoint::TensorInfo> infos;
  for (const Tensor& tensor : expanded(expanded(tensors, '#', config.shape.layers / config.repeats), '*', config.shape.experts)) {
    checkpoint::TensorInfo info{.name = tensor.name, .shape = tensor.shape};
    info.bytes = std::span{zeros}.first(info.elements() * sizeof(float));
    infos.push_back(std::move(info));
  }
  INGOT_TRY(auto index, checkpoint::TensorIndex::create({}, std::move(infos)));
  checkpoint::Arrangement names{std::move(index)};
  INGOT_CHECK(Family::arrange(config, names));
  return std::move(names).finish();
}

/// Names that a decoder of these traits and this config asks for. What follows "mlp.experts." is named for expert 0 alone.
template <model::Family F>
std::vector<Tensor> canonical_names(const model::Config& config) {
  using namespace model;
  std::vector<Tensor> all;
  const Shape& whole = config.shape;
  const std::size_t hidden = whole.hidden;
  const auto linear = [&](std::string name, std::size_t out, std::size_t in) { all.push_back({std::move(name) + ".weight", {out, in}}); };
  const auto norm = [&](const std::string& name) {
    all.push_back({name + ".weight", {hidden}});
    if (F.norm == Norm::layer) all.push_back({name + ".bias", {hidden}});
  };
  const auto feed_forward = [&](const std::string& name, std::size_t width) {
    if (F.feed_forward != FeedForward::plain) linear(name + "gate_proj", width, hidden);
    linear(name + "up_proj", width, hidden);
    linear(name + "down_proj", hidden, width);
  };
  linear("model.embed_tokens", whole.vocabulary, hidden);
  norm("model.norm");
  if (config.causal && !config.tied) linear("lm_head", whole.vocabulary, hidden);
  if (config.learned_positions) linear("model.position_embeddings", config.max_positions, hidden);
  if (config.token_types != 0) linear("model.type_embeddings", config.token_types, hidden);
  for (std::uint32_t i = 0; i < whole.layers / config.repeats; ++i) {
    const Shape& s = config.extents_of(i);
    const Layer& layer = config.layers[i];
    const std::string prefix = "model.layers." + std::to_string(i) + ".", attention = prefix + "self_attn.",
                      delta = prefix + "linear_attn.";
    norm(prefix + "input_layernorm");
    if (F.residual != Residual::parallel) norm(prefix + "post_attention_layernorm");
    if (F.residual == Residual::sandwich) norm(prefix + "post_self_attn_layernorm"), norm(prefix + "post_mlp_layernorm");
    if (layer.mixer == Mixer::delta) {
      const std::size_t keys = std::size_t{s.delta_key_heads} * s.delta_key, values = std::size_t{s.delta_heads} * s.delta_value;
      linear(delta + "in_proj_q", keys, hidden), linear(delta + "in_proj_k", keys, hidden);
      linear(delta + "in_proj_v", values, hidden), linear(delta + "in_proj_z", values, hidden);
      linear(delta + "in_proj_b", s.delta_heads, hidden), linear(delta + "in_proj_a", s.delta_heads, hidden);
      linear(delta + "conv1d", s.taps, 2 * keys + values), linear(delta + "out_proj", hidden, values);
      all.insert(all.end(), {{delta + "A_log", {s.delta_heads}}, {delta + "dt_bias", {s.delta_heads}}});
      all.push_back({delta + "norm.weight", {s.delta_value}});
    } else if (layer.mixer == Mixer::convolution) {
      linear(prefix + "conv.in_proj", 3 * hidden, hidden), linear(prefix + "conv.out_proj", hidden, hidden);
      linear(prefix + "conv.conv", s.taps, hidden);
    } else if (F.attention == Attention::latent) {
      if (s.query_rank == 0) {
        linear(attention + "q_proj", s.q_width(), hidden);
      } else {
        linear(attention + "q_a_proj", s.query_rank, hidden), linear(attention + "q_b_proj", s.q_width(), s.query_rank);
        all.push_back({attention + "q_a_layernorm.weight", {s.query_rank}});
      }
      linear(attention + "kv_a_proj_with_mqa", s.kv_rank + s.rope_dim, hidden);
      all.push_back({attention + "kv_a_layernorm.weight", {s.kv_rank}});
      linear(attention + "key_up_proj", std::size_t{s.heads} * s.kv_rank, s.head_dim - s.rope_dim);
      linear(attention + "value_up_proj", s.context_width(), s.kv_rank);
      linear(attention + "o_proj", hidden, s.context_width());
    } else {
      linear(attention + "q_proj", s.q_width(), hidden), linear(attention + "k_proj", s.k_width(), hidden);
      linear(attention + "v_proj", s.v_width(), hidden), linear(attention + "o_proj", hidden, s.context_width());
      if (F.gated_attention) linear(attention + "gate_proj", s.q_width(), hidden);
      if (config.qk_norm && (F.qk_norm == QkNorm::before_rope || F.qk_norm == QkNorm::after_rope))
        all.insert(all.end(), {{attention + "q_norm.weight", {s.head_dim}}, {attention + "k_norm.weight", {s.head_dim}}});
    }
    if (layer.sparse) {
      linear(prefix + "mlp.router", s.experts, hidden);
      if (F.router == Router::sigmoid_biased) all.push_back({prefix + "mlp.router.correction_bias", {s.experts}});
      feed_forward(prefix + "mlp.experts." + std::to_string(s.experts - 1) + ".", s.expert_width);
      if (s.shared_width != 0) feed_forward(prefix + "mlp.shared_expert.", s.shared_width);
    } else {
      feed_forward(prefix + "mlp.", s.intermediate);
    }
  }
  return all;
}

/// `tensors` as a checkpoint names them, and `also` (canonical names) come out where the decoder looks for them.
template <class Family>
checkpoint::TensorIndex check_names(const model::Config& config, const std::vector<Tensor>& tensors, const std::vector<Tensor>& also = {}) {
  auto index = arranged<Family>(config, tensors);
  INFO((index ? std::string{} : index.error().message()));
  REQUIRE(index);
  std::vector<Tensor> wanted = canonical_names<Family::traits>(config);
  wanted.insert(wanted.end(), also.begin(), also.end());
  for (const Tensor& tensor : wanted) {
    CAPTURE(tensor.name);
    const checkpoint::TensorInfo* found = index->find(tensor.name);
    REQUIRE(found != nullptr);
    CHECK(found->shape == tensor.shape);
  }
  return *std::move(index);
}

/// Tensors of transformers' decoders of hidden 64 and vocabulary 131 around their layers.
inline std::vector<Tensor> with_ends(std::vector<Tensor> layers) {
  layers.insert(layers.end(), {{"model.embed_tokens.weight", {131, 64}}, {"model.norm.weight", {64}}, {"lm_head.weight", {131, 64}}});
  return layers;
}

/// A Llama's layer of 4 heads, 2 of them keys, of 16, and a feed-forward of 96.
inline std::vector<Tensor> llama_layers() {
  return {{"model.layers.#.input_layernorm.weight", {64}},      {"model.layers.#.post_attention_layernorm.weight", {64}},
          {"model.layers.#.self_attn.q_proj.weight", {64, 64}}, {"model.layers.#.self_attn.k_proj.weight", {32, 64}},
          {"model.layers.#.self_attn.v_proj.weight", {32, 64}}, {"model.layers.#.self_attn.o_proj.weight", {64, 64}},
          {"model.layers.#.mlp.gate_proj.weight", {96, 64}},    {"model.layers.#.mlp.up_proj.weight", {96, 64}},
          {"model.layers.#.mlp.down_proj.weight", {64, 96}}};
}

}  // namespace ingot::test
