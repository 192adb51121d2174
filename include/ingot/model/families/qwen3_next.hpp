// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/qwen3_next.hpp: Qwen3-Next and Qwen3.5: three layers of a gated delta rule to one of attention.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ingot/kernels/convolution_task.hpp>
#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Which layers are the delta rule, and its extents (configuration_qwen3_next.py). Errors: damaged.
inline Status read_delta(const json::Value& text, Config& config) {
  Shape& shape = config.shape;
  INGOT_TRY(shape.delta_key_heads, read_count(text, "linear_num_key_heads", max_heads, 16));
  INGOT_TRY(shape.delta_heads, read_count(text, "linear_num_value_heads", max_heads, 32));
  INGOT_TRY(shape.delta_key, read_count(text, "linear_key_head_dim", max_head_dim, 128));
  INGOT_TRY(shape.delta_value, read_count(text, "linear_value_head_dim", max_head_dim, 128));
  INGOT_TRY(shape.taps, read_count(text, "linear_conv_kernel_dim", kernels::max_taps, 4));
  if (shape.delta_heads % shape.delta_key_heads != 0) return text.problem("must divide the value heads:", "linear_num_key_heads");
  if (config.activation != Activation::silu)
    return Error{ErrorCode::unsupported, "the delta rule with another activation than silu", "config.json", {}};
  INGOT_TRY(const bool typed, each_layer_type(text, "layer_types", config, [](Layer& layer, std::string_view type) {
              if (type == "linear_attention") layer.mixer = Mixer::delta;
              return type == "linear_attention" || type == "full_attention";
            }));
  if (typed) return {};
  INGOT_TRY(const auto interval, read_count(text, "full_attention_interval", 1u << 30, 4));
  for (std::size_t i = 0; i < config.layers.size(); ++i)
    if ((i + 1) % interval != 0) config.layers[i].mixer = Mixer::delta;
  return {};
}

/// [query; gate] of each attention head, norms that multiply with 1 + w (not the delta rule's own), the kernel of its convolution.
inline Arrangement& gated_delta_names(Arrangement& names, const Shape& shape) {
  norms_plus_one(names);
  names.flatten("model.layers.#.linear_attn.conv1d.weight").transpose("model.layers.#.linear_attn.conv1d.weight");  // [taps, channels]
  return names.split(
      "model.layers.#.self_attn.q_proj",
      {shape.heads, {{"model.layers.#.self_attn.q_proj", shape.head_dim}, {"model.layers.#.self_attn.gate_proj", shape.head_dim}}});
}

/// Experts in all or most layers, and one that every token visits behind a gate.
struct Qwen3Next {
  static constexpr std::string_view name = "qwen3_next";
  static constexpr std::string_view model_types[] = {"qwen3_next"};
  static constexpr Family traits{
      .qk_norm = QkNorm::before_rope, .gated_attention = true, .delta = true, .router = Router::softmax_then_top};
  static constexpr Dialect dialect{.defaults = {.kv_heads = 2, .head_dim = 256}, .default_positions = 32768, .rope = {.partial = 0.25}};
  static constexpr ExpertKeys experts{.default_experts = 512, .default_used = 10, .default_width = 512};

  /// Reads config.json. Errors: see read_config(), read_delta(), read_experts(), read_sparse_layers().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_CHECK(read_delta(text, config));
    INGOT_CHECK(read_experts(text, experts, config));
    INGOT_CHECK(read_sparse_layers(text, config));
    INGOT_TRY(config.shape.shared_width, read_count(text, "shared_expert_intermediate_size", max_width, 512));
    INGOT_TRY(config.routing.normalize, text.get<bool>("norm_topk_prob", true));
    return config;
  }
  /// The fused projections have a block for each key head: [q; k; v; z] and [b; a], the latter three of the value heads it serves.
  static Status arrange(const Config& config, Arrangement& names) {
    const Shape& s = config.shape;
    const std::size_t served = s.delta_heads / s.delta_key_heads;
    gated_delta_names(expert_names(plain_names(names)), s)
        .split("model.layers.#.linear_attn.in_proj_qkvz", {s.delta_key_heads,
                                                           {{"model.layers.#.linear_attn.in_proj_q", s.delta_key},
                                                            {"model.layers.#.linear_attn.in_proj_k", s.delta_key},
                                                            {"model.layers.#.linear_attn.in_proj_v", served * s.delta_value},
                                                            {"model.layers.#.linear_attn.in_proj_z", served * s.delta_value}}})
        .split("model.layers.#.linear_attn.in_proj_ba",
               {s.delta_key_heads, {{"model.layers.#.linear_attn.in_proj_b", served}, {"model.layers.#.linear_attn.in_proj_a", served}}});
    return {};
  }
};

/// The same layers, dense or (`qwen3_5_moe_text`) with experts in all of them, and projections that are less fused.
struct Qwen35 {
  static constexpr std::string_view name = "qwen3_5";
  static constexpr std::string_view model_types[] = {"qwen3_5_text", "qwen3_5", "qwen3_5_moe_text", "qwen3_5_moe"};
  static constexpr Family traits = Qwen3Next::traits;
  static constexpr Dialect dense{.defaults = {.kv_heads = 4, .head_dim = 256}, .default_positions = 32768, .rope = {.partial = 0.25}};
  static constexpr Dialect sparse{.intermediate = "moe_intermediate_size",
                                  .defaults = {.kv_heads = 2, .head_dim = 256, .intermediate = 512},
                                  .default_positions = 32768,
                                  .rope = {.partial = 0.25}};
  static constexpr ExpertKeys experts{.default_experts = 256, .default_used = 8, .default_width = 512};

  /// Reads config.json. Errors: see read_config(), read_delta(), read_experts().
  static Result<Config> read(const json::Value& root) {
    const json::Value text = text_config(root);
    INGOT_TRY(const auto type, model_type_of(root));
    const bool has_experts = type.find("_moe") != std::string::npos;
    INGOT_TRY(Config config, read_config(root, has_experts ? sparse : dense));
    INGOT_CHECK(read_delta(text, config));
    if (!has_experts) return config;
    INGOT_CHECK(read_experts(text, experts, config));
    INGOT_TRY(config.shape.shared_width, read_count(text, "shared_expert_intermediate_size", max_width, 512));
    config.routing.normalize = true;
    for (Layer& layer : config.layers) layer.sparse = true;
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    const Shape& s = config.shape;
    const std::size_t keys = std::size_t{s.delta_key_heads} * s.delta_key;
    gated_delta_names(expert_names(plain_names(names)), s)
        .split("model.layers.#.linear_attn.in_proj_qkv",
               {1,
                {{"model.layers.#.linear_attn.in_proj_q", keys},
                 {"model.layers.#.linear_attn.in_proj_k", keys},
                 {"model.layers.#.linear_attn.in_proj_v", std::size_t{s.delta_heads} * s.delta_value}}});
    return {};
  }
};

}  // namespace ingot::model::families
