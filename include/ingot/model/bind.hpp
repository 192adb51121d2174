// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/bind.hpp: the weights of a decoder fetched by their canonical names, each checked against the config.

#include <cstdint>
#include <string>
#include <utility>

#include <ingot/core/result.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/cost.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// Fetches one matrix from the source and hands it to the backend, which refuses schemes (or extents) it has no kernels for.
template <Role R, class Backend>
Result<typename Backend::template matrix<R>> bind_matrix(const Backend& backend, WeightSource& source, const std::string& name,
                                                         std::pair<std::uint32_t, std::uint32_t> rows_and_columns) {
  INGOT_TRY(const auto view, source.matrix(name, R, rows_and_columns.first, rows_and_columns.second));
  auto matrix = backend.template bind<R>(view);
  if (!matrix) return std::move(matrix).error().in(name);
  return matrix;
}

namespace detail {

/// Binds what one layer has, from the block of this number among those stored.
template <Family F, class Backend>
class LayerBinder {
 public:
  LayerBinder(const Backend& backend, WeightSource& source, const Config& config, std::uint32_t layer, std::uint32_t block)
      : backend_{backend},
        source_{source},
        config_{config},
        layer_{config.layers[layer]},
        shape_{backend.extents_of(layer)},
        prefix_{"model.layers." + std::to_string(block) + "."} {}

  Status bind(LayerWeights<Backend>& w) {
    INGOT_CHECK(norm("input_layernorm", w.input_norm));
    if constexpr (F.residual != Residual::parallel) INGOT_CHECK(norm("post_attention_layernorm", w.post_norm));
    if constexpr (F.residual == Residual::sandwich) {
      INGOT_CHECK(norm("post_self_attn_layernorm", w.mixer_norm));
      INGOT_CHECK(norm("post_mlp_layernorm", w.feed_forward_norm));
    }
    INGOT_CHECK(mixer(w));
    if constexpr (F.router != Router::none)
      if (layer_.sparse) return mixture(w.mixture);
    return feed_forward("mlp.", w.dense);
  }

 private:
  Status mixer(LayerWeights<Backend>& w) {
    if constexpr (F.delta)
      if (layer_.mixer == Mixer::delta) return delta(w.delta);
    if constexpr (F.convolution)
      if (layer_.mixer == Mixer::convolution) return convolution(w.convolution);
    if constexpr (F.attention == Attention::latent)
      INGOT_CHECK(latent(w.latent));
    else
      INGOT_CHECK(heads(w.heads));
    return linear("self_attn.o_proj", w.output);
  }

  Status heads(HeadsWeights<Backend>& w) {
    INGOT_CHECK(linear("self_attn.q_proj", w.query));
    INGOT_CHECK(linear("self_attn.k_proj", w.key));
    INGOT_CHECK(linear("self_attn.v_proj", w.value));
    if constexpr (F.gated_attention) INGOT_CHECK(linear("self_attn.gate_proj", w.gate));
    if ((F.qk_norm == QkNorm::before_rope || F.qk_norm == QkNorm::after_rope) && config_.qk_norm) {
      INGOT_CHECK(vector("self_attn.q_norm.weight", shape_.head_dim, w.query_norm));
      INGOT_CHECK(vector("self_attn.k_norm.weight", shape_.head_dim, w.key_norm));
    }
    return optional("self_attn.sinks", shape_.heads, w.sinks);
  }
  Status latent(LatentWeights<Backend>& w) {
    if (shape_.query_rank == 0) {
      INGOT_CHECK(linear("self_attn.q_proj", w.query));
    } else {
      INGOT_CHECK(linear("self_attn.q_a_proj", w.query_down));
      INGOT_CHECK(vector("self_attn.q_a_layernorm.weight", shape_.query_rank, w.query_norm));
      INGOT_CHECK(linear("self_attn.q_b_proj", w.query_up));
    }
    INGOT_CHECK(linear("self_attn.kv_a_proj_with_mqa", w.kv_down));
    INGOT_CHECK(vector("self_attn.kv_a_layernorm.weight", shape_.kv_rank, w.kv_norm));
    INGOT_CHECK(linear("self_attn.key_up_proj", w.key_up));
    return linear("self_attn.value_up_proj", w.value_up);
  }
  Status delta(DeltaWeights<Backend>& w) {
    INGOT_CHECK(linear("linear_attn.in_proj_q", w.query));
    INGOT_CHECK(linear("linear_attn.in_proj_k", w.key));
    INGOT_CHECK(linear("linear_attn.in_proj_v", w.value));
    INGOT_CHECK(linear("linear_attn.in_proj_z", w.gate));
    INGOT_CHECK(linear("linear_attn.in_proj_b", w.beta));
    INGOT_CHECK(linear("linear_attn.in_proj_a", w.decay));
    INGOT_CHECK(vector("linear_attn.conv1d.weight", shape_.delta_channels() * shape_.taps, w.taps, shape_.taps));
    INGOT_CHECK(vector("linear_attn.A_log", shape_.delta_heads, w.decay_log));
    INGOT_CHECK(vector("linear_attn.dt_bias", shape_.delta_heads, w.decay_bias));
    INGOT_CHECK(vector("linear_attn.norm.weight", shape_.delta_value, w.norm));
    return linear("linear_attn.out_proj", w.output);
  }
  Status convolution(ConvolutionWeights<Backend>& w) {
    INGOT_CHECK(linear("conv.in_proj", w.input));
    INGOT_CHECK(vector("conv.conv.weight", shape_.hidden * shape_.taps, w.taps, shape_.taps));
    INGOT_CHECK(optional("conv.conv.bias", shape_.hidden, w.bias));
    return linear("conv.out_proj", w.output);
  }

  template <Role Gate, Role Up, Role Down>
  Status feed_forward(const std::string& name, FeedForwardWeights<Backend, Gate, Up, Down>& w) {
    if constexpr (F.feed_forward != FeedForward::plain) INGOT_CHECK(linear(name + "gate_proj", w.gate));
    INGOT_CHECK(linear(name + "up_proj", w.up));
    return linear(name + "down_proj", w.down);
  }
  Status mixture(MixtureWeights<Backend>& w) {
    INGOT_CHECK(linear("mlp.router", w.router));
    if constexpr (F.router == Router::sigmoid_biased) INGOT_CHECK(vector("mlp.router.correction_bias", shape_.experts, w.correction));
    w.experts.resize(shape_.experts);
    for (std::uint32_t e = 0; e < shape_.experts; ++e) INGOT_CHECK(feed_forward("mlp.experts." + std::to_string(e) + ".", w.experts[e]));
    if (shape_.shared_width == 0) return {};
    INGOT_CHECK(feed_forward("mlp.shared_expert.", w.shared));
    w.has_switch = source_.has(prefix_ + "mlp.shared_expert_gate.weight");
    return w.has_switch ? linear("mlp.shared_expert_gate", w.shared_switch) : Status{};
  }

  template <Role R>
  Status linear(const std::string& name, Linear<Backend, R>& linear) {
    const auto rows_and_columns = extents(R, shape_);
    INGOT_TRY(linear.matrix, bind_matrix<R>(backend_, source_, prefix_ + name + ".weight", rows_and_columns));
    return optional(name + ".bias", rows_and_columns.first, linear.bias);
  }
  Status norm(const std::string& name, NormWeights& norm) {
    INGOT_CHECK(vector(name + ".weight", shape_.hidden, norm.weight));
    if constexpr (F.norm == Norm::layer) INGOT_CHECK(optional(name + ".bias", shape_.hidden, norm.bias));
    return {};
  }
  Status vector(const std::string& name, std::uint32_t size, const float*& values, std::uint32_t rows = 1) {
    INGOT_TRY(values, source_.vector(prefix_ + name, size, rows));
    return {};
  }
  Status optional(const std::string& name, std::uint32_t size, const float*& values) {
    return source_.has(prefix_ + name) ? vector(name, size, values) : Status{};
  }

  const Backend& backend_;
  WeightSource& source_;
  const Config& config_;
  const Layer& layer_;
  const Shape& shape_;
  std::string prefix_;
};

/// How many layers in a row are bound from one stored block. The first packages of such models store every run of a block apart.
[[nodiscard]] inline std::uint32_t runs_of_block(const WeightSource& source, const Config& config) {
  const bool apart = source.has("model.layers." + std::to_string(config.shape.layers - 1) + ".input_layernorm.weight");
  return apart ? 1 : config.repeats;
}

}  // namespace detail

/// All weights of a decoder of family F. A head that is not there is the embedding (tied), whatever the config says; an encoder
/// has none.
template <Family F, class Backend>
Result<Weights<Backend>> bind_weights(const Backend& backend, WeightSource& source, const Config& config) {
  const std::uint32_t hidden = backend.shape.hidden;
  const auto vocabulary = extents(Role::head, backend.shape);
  Weights<Backend> weights;
  const bool own_head = source.has("lm_head.weight");
  const std::string embedding = source.has("model.embed_tokens.weight") ? "model.embed_tokens.weight" : "lm_head.weight";
  INGOT_TRY(weights.embedding, bind_matrix<Role::embedding>(backend, source, embedding, vocabulary));
  if (config.learned_positions) {
    INGOT_TRY(weights.positions,
              bind_matrix<Role::positions>(backend, source, "model.position_embeddings.weight", {config.max_positions, hidden}));
  }
  if (config.token_types != 0) {
    INGOT_TRY(weights.token_types,
              bind_matrix<Role::token_types>(backend, source, "model.type_embeddings.weight", {config.token_types, hidden}));
  }
  weights.has_head = config.causal;
  if (weights.has_head) {
    INGOT_TRY(weights.head.matrix, bind_matrix<Role::head>(backend, source, own_head ? "lm_head.weight" : embedding, vocabulary));
    if (source.has("lm_head.bias")) {
      INGOT_TRY(weights.head.bias, source.vector("lm_head.bias", vocabulary.first));
    }
  }
  INGOT_TRY(weights.final_norm.weight, source.vector("model.norm.weight", hidden));
  if (F.norm == Norm::layer && source.has("model.norm.bias")) {
    INGOT_TRY(weights.final_norm.bias, source.vector("model.norm.bias", hidden));
  }
  weights.layers.resize(backend.shape.layers);
  const std::uint32_t runs = detail::runs_of_block(source, config);
  for (std::uint32_t i = 0; i < backend.shape.layers; ++i)
    INGOT_CHECK((detail::LayerBinder<F, Backend>{backend, source, config, i, i / runs}.bind(weights.layers[i])));
  return weights;
}

/// What a token costs: of a layer with experts, as many as it visits.
template <Family F, class Backend>
[[nodiscard]] Cost cost_of(const Weights<Backend>& weights, const Config& config) noexcept {
  Cost cost;
  const auto count = [&](const auto& linear, std::uint64_t& macs, std::uint64_t times = 1) {
    const quant::PackedLayout& layout = linear.matrix.layout;
    cost.weight_bytes += (layout.quant_bytes() + layout.scale_bytes()) * times;
    macs += std::uint64_t{layout.rows} * layout.columns * times;
  };
  const auto in_layer = [&](const auto&... linears) { (count(linears, cost.layer_macs), ...); };
  const auto feed_forward = [&](const auto& w, std::uint64_t times) {
    if constexpr (F.feed_forward != FeedForward::plain) count(w.gate, cost.layer_macs, times);
    count(w.up, cost.layer_macs, times);
    count(w.down, cost.layer_macs, times);
  };
  for (std::uint32_t i = 0; i < weights.layers.size(); ++i) {
    const LayerWeights<Backend>& w = weights.layers[i];
    const Shape& shape = config.extents_of(i);
    const Mixer mixer = config.layers[i].mixer;
    if (F.delta && mixer == Mixer::delta) {
      in_layer(w.delta.query, w.delta.key, w.delta.value, w.delta.gate, w.delta.beta, w.delta.decay, w.delta.output);
    } else if (F.convolution && mixer == Mixer::convolution) {
      in_layer(w.convolution.input, w.convolution.output);
    } else if constexpr (F.attention == Attention::latent) {
      if (shape.query_rank == 0)
        in_layer(w.latent.query);
      else
        in_layer(w.latent.query_down, w.latent.query_up);
      in_layer(w.latent.kv_down, w.latent.key_up, w.latent.value_up, w.output);
    } else {
      in_layer(w.heads.query, w.heads.key, w.heads.value, w.output);
      if constexpr (F.gated_attention) in_layer(w.heads.gate);
    }
    if (F.router != Router::none && config.layers[i].sparse) {
      in_layer(w.mixture.router);
      if (!w.mixture.experts.empty()) feed_forward(w.mixture.experts.front(), shape.experts_used);
      if (shape.shared_width != 0) feed_forward(w.mixture.shared, 1);
      if (w.mixture.has_switch) in_layer(w.mixture.shared_switch);
    } else {
      feed_forward(w.dense, 1);
    }
  }
  if (weights.has_head) count(weights.head, cost.head_macs);
  return cost;
}

}  // namespace ingot::model
