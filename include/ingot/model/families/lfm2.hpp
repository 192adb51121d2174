// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/lfm2.hpp: LFM2: short gated convolutions, and attention in a few layers.

#include <cstdint>
#include <string_view>

#include <ingot/kernels/convolution_task.hpp>
#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Lfm2 {
  static constexpr std::string_view name = "lfm2";
  static constexpr std::string_view model_types[] = {"lfm2"};
  static constexpr Family traits{.qk_norm = QkNorm::before_rope, .convolution = true};
  static constexpr Dialect dialect{.eps = "norm_eps",
                                   .defaults = {.kv_heads = 8},
                                   .default_eps = 1e-5f,
                                   .default_positions = 128000,
                                   .default_tied = true,
                                   .rope = {.theta = 1000000}};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    const json::Value text = text_config(root);
    Dialect keys = dialect;
    if (text.find("block_ff_dim")) keys.intermediate = "block_ff_dim";
    INGOT_TRY(Config config, read_config(root, keys));
    INGOT_TRY(config.tied, text.get<bool>("tie_embedding", config.tied));
    INGOT_TRY(config.shape.taps, read_count(text, "conv_L_cache", kernels::max_taps, 3));
    INGOT_CHECK(adjust_width(text, config.shape.intermediate));
    INGOT_TRY(const bool typed, each_layer_type(text, "layer_types", config, [](Layer& layer, std::string_view type) {
                if (type == "conv") layer.mixer = Mixer::convolution;
                return type == "conv" || type == "full_attention";
              }));
    if (!typed && text.find("full_attn_idxs")) {
      INGOT_TRY(const auto attends, read_layer_set(text, "full_attn_idxs", config.layers.size()));
      for (std::size_t i = 0; i < attends.size(); ++i)
        if (!attends[i]) config.layers[i].mixer = Mixer::convolution;
    }
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names)
        .rename("embedding_norm", "model.norm")
        .rename("model.embedding_norm", "model.norm")
        .rename("model.layers.#.operator_norm", "model.layers.#.input_layernorm")
        .rename("model.layers.#.ffn_norm", "model.layers.#.post_attention_layernorm")
        .rename("model.layers.#.self_attn.out_proj", "model.layers.#.self_attn.o_proj")
        .rename("model.layers.#.self_attn.q_layernorm", "model.layers.#.self_attn.q_norm")
        .rename("model.layers.#.self_attn.k_layernorm", "model.layers.#.self_attn.k_norm")
        .rename("model.layers.#.feed_forward.w1", "model.layers.#.mlp.gate_proj")
        .rename("model.layers.#.feed_forward.w3", "model.layers.#.mlp.up_proj")
        .rename("model.layers.#.feed_forward.w2", "model.layers.#.mlp.down_proj")
        .flatten("model.layers.#.conv.conv.weight")
        .transpose("model.layers.#.conv.conv.weight");  // [taps, channels]
    return {};
  }

 private:
  /// With `block_auto_adjust_ff_dim` two thirds of the width, times a factor, rounded up to a multiple (modeling_lfm2.py, Lfm2MLP).
  static Status adjust_width(const json::Value& text, std::uint32_t& width) {
    INGOT_TRY(const bool adjusts, text.get<bool>("block_auto_adjust_ff_dim", true));
    if (!adjusts) return {};
    width = 2 * width / 3;
    if (!is_none(text, "block_ffn_dim_multiplier")) {
      INGOT_TRY(const double factor, detail::positive(text, "block_ffn_dim_multiplier", 1.0));
      INGOT_TRY(const auto multiple, read_count(text, "block_multiple_of", max_width, 256));
      if (factor * width > max_width / 2) return text.problem("value out of range for", "block_ffn_dim_multiplier");
      width = (static_cast<std::uint32_t>(factor * width) + multiple - 1) / multiple * multiple;
    }
    if (width == 0) return text.problem("value out of range for", "intermediate_size");
    return {};
  }
};

}  // namespace ingot::model::families
