// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/mimo_v2_flash.hpp: MiMo-V2-Flash: windows with sinks in most layers, which differ in rope and in
              // heads.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Layers with a window have twice the key heads (modeling_mimo_v2_flash.py); the repository's own config says so with keys that start
/// with `swa_`.
struct MimoV2Flash {
  static constexpr std::string_view name = "mimo_v2_flash";
  static constexpr std::string_view model_types[] = {"mimo_v2_flash"};
  static constexpr Family traits{.router = Router::sigmoid_biased};
  static constexpr Dialect dialect{.defaults = {.kv_heads = 4, .head_dim = 192},
                                   .default_eps = 1e-5f,
                                   .default_positions = 131072,
                                   .rope = {.theta = 5000000, .partial = 0.334}};
  static constexpr ExpertKeys experts{.experts = "n_routed_experts", .default_experts = 256, .default_used = 8, .default_width = 2048};

  /// Reads config.json. Errors: see read_config(), read_experts(), read_groups(); damaged (heads that do not divide).
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    Shape& shape = config.shape;
    INGOT_TRY(shape.value_dim, read_count(text, "v_head_dim", max_head_dim, 128));
    INGOT_TRY(config.value_scale, read_number(text, "attention_value_scale", is_none(text, "attention_value_scale") ? 1 : 0.707f));
    INGOT_CHECK(read_experts(text, experts, config));
    INGOT_TRY(config.routing.factor, read_number(text, "routed_scaling_factor", 1));
    INGOT_TRY(config.routing.normalize, text.get<bool>("norm_topk_prob", true));
    config.routing.group_by_two = true;
    INGOT_CHECK(read_groups(text, {1, 1}, config));
    INGOT_CHECK(read_sparse(text, config));
    INGOT_TRY(const auto sliding, read_sliding(text, config));
    INGOT_CHECK(read_ropes(text, config));
    INGOT_TRY(const auto kv_heads, read_count(text, "swa_num_key_value_heads", max_heads, 2 * shape.kv_heads));
    if (shape.heads % kv_heads != 0) return text.problem("must divide num_attention_heads:", "num_key_value_heads");
    config.extents.assign(shape.layers, shape);
    for (std::size_t i = 0; i < sliding.size(); ++i) {
      config.layers[i].rope = sliding[i] ? 1 : 0;
      if (sliding[i]) config.extents[i].kv_heads = kv_heads;
    }
    shape.kv_heads = std::max(shape.kv_heads, kv_heads);
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names).rename("model.layers.#.self_attn.attention_sink_bias", "model.layers.#.self_attn.sinks");
    expert_names(names);
    return {};
  }

 private:
  /// `mlp_layer_types`, or the repository's list of 0 and 1, else all layers but the first.
  static Status read_sparse(const json::Value& text, Config& config) {
    INGOT_TRY(const bool typed, each_layer_type(text, "mlp_layer_types", config, [](Layer& layer, std::string_view type) {
                layer.sparse = type == "sparse";
                return type == "sparse" || type == "dense";
              }));
    if (typed) return {};
    std::vector<std::uint32_t> flags;
    if (const auto listed = text.find("moe_layer_freq"); listed && listed->is_array()) {
      INGOT_TRY(flags, read_list(text, "moe_layer_freq", config.layers.size(), 1));
    }
    for (std::size_t i = 0; i < config.layers.size(); ++i) config.layers[i].sparse = flags.empty() ? i > 0 : flags[i] == 1;
    return {};
  }
  /// `layer_types`, or the repository's `hybrid_layer_pattern` (1: window), else windows in all layers but the first and each sixth.
  /// `sliding_window_size` leaves the position itself out.
  static Result<std::vector<bool>> read_sliding(const json::Value& text, Config& config) {
    INGOT_TRY(auto window, read_span(text, "sliding_window", 129));
    if (text.find("sliding_window_size")) {
      INGOT_TRY(window, read_count(text, "sliding_window_size", 1u << 30));
      ++window;
    }
    if (text.find("layer_types")) return read_sliding_layers(text, window, 1, config);
    INGOT_TRY(const auto pattern, read_list(text, "hybrid_layer_pattern", config.layers.size(), 1));
    std::vector<bool> sliding(config.layers.size());
    for (std::size_t i = 0; i < sliding.size(); ++i) {
      sliding[i] = pattern.empty() ? i > 0 && (i + 1) % 6 != 0 : pattern[i] == 1;
      if (sliding[i]) config.layers[i].window = window;
    }
    return sliding;
  }
  /// {full, sliding}
  static Status read_ropes(const json::Value& text, Config& config) {
    const auto typed = text.find("rope_parameters");
    const auto of = [&](std::string_view type) { return typed ? typed->find(type) : std::nullopt; };
    INGOT_TRY(const double local, detail::positive(text, "swa_rope_theta", 10000.0));
    const std::uint32_t head_dim = config.shape.head_dim;
    INGOT_TRY(config.ropes[0], read_rope(text, of("full_attention"), head_dim, config.max_positions, dialect.rope));
    INGOT_TRY(RopeConfig second, read_rope(text, of("sliding_attention"), head_dim, config.max_positions,
                                           {.theta = local, .partial = dialect.rope.partial, .own_theta = true}));
    config.ropes.push_back(std::move(second));
    return {};
  }
};

}  // namespace ingot::model::families
