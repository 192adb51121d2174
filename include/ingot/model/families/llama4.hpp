// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/llama4.hpp: the text model of Llama 4, and MobileLLM-R1, which is one without experts.

#include <cstdint>
#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Layers that rotate (`no_rope_layers` is 1 there) see their own chunk of positions and normalize query and key heads without weights; the
/// others see everything and sharpen queries with their position (modeling_llama4.py).
struct Llama4Text {
  static constexpr std::string_view name = "llama4_text";
  static constexpr std::string_view model_types[] = {"llama4_text"};
  static constexpr Family traits{.qk_norm = QkNorm::after_rope_unweighted, .rope = RopePairs::adjacent, .router = Router::sigmoid_input};
  static constexpr Dialect dialect{.intermediate = "intermediate_size_mlp",
                                   .defaults = {.kv_heads = 8, .head_dim = 128, .intermediate = 16384},
                                   .default_eps = 1e-5f,
                                   .default_positions = 4096 * 32,
                                   .rope = {.theta = 500000}};
  static constexpr ExpertKeys experts{
      .experts = "num_local_experts", .width = "intermediate_size", .default_experts = 16, .default_used = 1, .default_width = 8192};

  /// Reads config.json. Errors: see read_config(), read_experts(), read_unrotated_layers().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_TRY(config.qk_norm, text.get<bool>("use_qk_norm", true));
    INGOT_CHECK(read_unrotated_layers(text, config));
    INGOT_TRY(const auto chunk, read_span(text, "attention_chunk_size", 8192));
    INGOT_TRY(const bool typed, each_layer_type(text, "layer_types", config, [&](Layer& layer, std::string_view type) {
                if (type == "chunked_attention") layer.chunk = chunk;
                return type == "chunked_attention" || type == "full_attention";
              }));
    if (!typed)
      for (Layer& layer : config.layers) layer.chunk = layer.rope < 0 ? 0 : chunk;
    INGOT_CHECK(read_temperature(text, config));
    INGOT_CHECK(read_mixture(text, config));
    return config;
  }
  /// Experts are [experts, in, out].
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names).rename("model.layers.#.feed_forward", "model.layers.#.mlp");
    expert_names(names, {.transposed = true});
    return {};
  }

 private:
  static Status read_temperature(const json::Value& text, Config& config) {
    const auto tuned = text.find("attn_temperature_tuning");  // the first configs have a number here
    bool used = true;
    if (tuned && tuned->is_bool()) used = *tuned->as<bool>();
    if (tuned && tuned->is_integer()) {
      INGOT_TRY(const auto value, tuned->as<std::int64_t>("attn_temperature_tuning"));
      used = value != 0;
    }
    if (!used) return {};
    config.query_scaling = QueryScaling::temperature;
    INGOT_TRY(config.query_scale, text.get<double>("attn_scale", 0.1));
    INGOT_TRY(config.query_floor, detail::positive(text, "floor_scale", 8192.0));
    return {};
  }
  /// `moe_layers`, else each `interleave_moe_layer_step`-th.
  static Status read_mixture(const json::Value& text, Config& config) {
    INGOT_TRY(auto sparse, read_layer_set(text, "moe_layers", config.layers.size()));
    bool any = false;
    if (!text.find("moe_layers")) {
      INGOT_TRY(const auto step, read_count(text, "interleave_moe_layer_step", 1u << 30, 1));
      for (std::size_t i = 0; i < sparse.size(); ++i) sparse[i] = (i + 1) % step == 0;
    }
    for (std::size_t i = 0; i < sparse.size(); ++i) {
      config.layers[i].sparse = sparse[i];
      any = any || sparse[i];
    }
    if (!any) return {};
    INGOT_CHECK(read_experts(text, experts, config));
    config.shape.shared_width = config.shape.expert_width;
    return {};
  }
};

}  // namespace ingot::model::families
