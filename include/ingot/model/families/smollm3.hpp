// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/smollm3.hpp: SmolLM3: every fourth layer does not rotate.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Smollm3 {
  static constexpr std::string_view name = "smollm3";
  static constexpr std::string_view model_types[] = {"smollm3"};
  static constexpr Family traits{};
  static constexpr Dialect dialect{
      .defaults = {.kv_heads = 4}, .default_positions = 32768, .default_tied = true, .rope = {.theta = 2000000}};

  /// Reads config.json. Without `layer_types` it is the layers that do not rotate which have the window, where one is used
  /// (configuration_smollm3.py). Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_CHECK(read_unrotated_layers(text, config));
    INGOT_TRY(const bool used, text.get<bool>("use_sliding_window", false));
    INGOT_TRY(const auto window, read_span(text, "sliding_window", 0));
    INGOT_TRY(const bool typed, each_layer_type(text, "layer_types", config, [&](Layer& layer, std::string_view type) {
                if (type == "sliding_attention") layer.window = window;
                return type == "sliding_attention" || type == "full_attention";
              }));
    if (!typed && used)
      for (Layer& layer : config.layers) layer.window = layer.rope < 0 ? window : 0;
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names);
    return {};
  }
};

}  // namespace ingot::model::families
