// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/openelm.hpp: OpenELM: layers that widen with their depth (arXiv 2404.14619, section 2.1).

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Openelm {
  static constexpr std::string_view name = "openelm";
  static constexpr std::string_view model_types[] = {"openelm"};
  static constexpr Family traits{.qk_norm = QkNorm::before_rope};

  /// Reads config.json, whose heads and widths are lists; eps is a constant of the code. Errors: damaged; unsupported (a feed-forward
  /// without gate, another norm).
  static Result<Config> read(const json::Value& root) {
    Config config;
    INGOT_TRY(config.model_type, model_type_of(root));
    Shape& shape = config.shape;
    INGOT_TRY(shape.hidden, read_count(root, "model_dim", max_width));
    INGOT_TRY(shape.layers, read_count(root, "num_transformer_layers", max_layers));
    INGOT_TRY(shape.head_dim, read_count(root, "head_dim", max_head_dim));
    INGOT_TRY(shape.vocabulary, read_count(root, "vocab_size", max_vocabulary));
    INGOT_TRY(config.max_positions, read_count(root, "max_context_length", detail::max_positions_read, 2048));
    INGOT_TRY(config.tied, root.get<bool>("share_input_output_layers", true));
    INGOT_TRY(config.qk_norm, root.get<bool>("normalize_qk_projections", true));
    INGOT_TRY(config.bos, root.get<std::int32_t>("bos_token_id", -1));
    INGOT_CHECK(read_end_tokens(root, config));
    INGOT_TRY(const auto activation, root.get<std::string>("activation_fn_name", "swish"));
    INGOT_TRY(config.activation, activation_of(activation));
    INGOT_TRY(const bool gated, root.get<bool>("ffn_with_glu", true));
    INGOT_TRY(const auto norm, root.get<std::string>("normalization_layer_name", "rms_norm"));
    if (!gated || norm != "rms_norm")
      return Error{ErrorCode::unsupported, "OpenELM without a gate or with another norm is not supported", "config.json", {}};
    INGOT_TRY(const double theta, detail::positive(root, "rope_freq_constant", 10000.0));
    INGOT_TRY(RopeConfig rope, read_rope(root, {}, shape.head_dim, config.max_positions, {.theta = theta}));
    config.ropes.push_back(std::move(rope));
    config.layers.assign(shape.layers, Layer{});
    INGOT_CHECK(read_extents(root, config));
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    const auto extents = [&](std::uint32_t layer) { return layer < config.extents.size() ? config.extents[layer] : Shape{}; };
    names.rename("transformer.token_embeddings", "model.embed_tokens")
        .rename("transformer.norm", "model.norm")
        .rename("transformer.layers.#", "model.layers.#")
        .rename("model.layers.#.attn_norm", "model.layers.#.input_layernorm")
        .rename("model.layers.#.ffn_norm", "model.layers.#.post_attention_layernorm")
        .rename("model.layers.#.attn.q_norm", "model.layers.#.self_attn.q_norm")
        .rename("model.layers.#.attn.k_norm", "model.layers.#.self_attn.k_norm")
        .rename("model.layers.#.attn.out_proj", "model.layers.#.self_attn.o_proj")
        .rename("model.layers.#.ffn.proj_2", "model.layers.#.mlp.down_proj")
        .split("model.layers.#.attn.qkv_proj",
               [&](std::uint32_t layer) {
                 const Shape s = extents(layer);
                 return checkpoint::Split{1,
                                          {{"model.layers.#.self_attn.q_proj", s.q_width()},
                                           {"model.layers.#.self_attn.k_proj", s.k_width()},
                                           {"model.layers.#.self_attn.v_proj", s.v_width()}}};
               })
        .split("model.layers.#.ffn.proj_1", [&](std::uint32_t layer) {
          const std::size_t width = extents(layer).intermediate;
          return checkpoint::Split{1, {{"model.layers.#.mlp.gate_proj", width}, {"model.layers.#.mlp.up_proj", width}}};
        });
    return {};
  }

 private:
  /// Each layer's heads, and its width: hidden * multiplier rounded to a multiple of the divisor, not more than a tenth down
  /// (modeling_openelm.py, make_divisible). The config's own shape is as large as the largest.
  static Status read_extents(const json::Value& root, Config& config) {
    Shape& shape = config.shape;
    INGOT_TRY(const auto heads, read_list(root, "num_query_heads", shape.layers, max_heads));
    INGOT_TRY(const auto kv_heads, read_list(root, "num_kv_heads", shape.layers, max_heads));
    if (heads.empty() || kv_heads.empty()) return root.problem("one entry a layer expected in", "num_query_heads and num_kv_heads");
    INGOT_TRY(const auto divisor, read_count(root, "ffn_dim_divisor", max_width, 256));
    INGOT_TRY(const json::Value multipliers, root.at("ffn_multipliers"));
    if (!multipliers.is_array() || multipliers.size() != shape.layers)
      return root.problem("one entry a layer expected in", "ffn_multipliers");
    config.extents.reserve(shape.layers);
    INGOT_CHECK(multipliers.each_element([&](const json::Value& value) -> Status {
      INGOT_TRY(const auto multiplier, value.as<double>("ffn_multipliers"));
      const double width = multiplier * shape.hidden;
      if (!(width >= 1 && width <= max_width / 2)) return root.problem("value out of range in", "ffn_multipliers");
      const auto near = static_cast<std::uint32_t>(width + divisor / 2.0) / divisor * divisor;
      const std::size_t i = config.extents.size();
      Shape layer = shape;
      layer.intermediate = std::max(divisor, near);
      if (layer.intermediate < 0.9 * width) layer.intermediate += divisor;
      layer.heads = heads[i];
      layer.kv_heads = kv_heads[i];
      if (layer.heads == 0 || layer.kv_heads == 0 || layer.heads % layer.kv_heads != 0)
        return root.problem("must divide num_query_heads:", "num_kv_heads");
      config.extents.push_back(layer);
      return {};
    }));
    for (const Shape& layer : config.extents) {
      shape.heads = std::max(shape.heads, layer.heads);
      shape.kv_heads = std::max(shape.kv_heads, layer.kv_heads);
      shape.intermediate = std::max(shape.intermediate, layer.intermediate);
    }
    return {};
  }
};

}  // namespace ingot::model::families
