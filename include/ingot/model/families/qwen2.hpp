// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/qwen2.hpp: Qwen 2 and 2.5: biases on query, key and value, sliding windows in the upper layers.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// MiMo is a Qwen 2 with layers that predict further tokens, which plain decoding leaves out. Of a vision-language model's config
/// the text alone is run.
struct Qwen2 {
  static constexpr std::string_view name = "qwen2";
  static constexpr std::string_view model_types[] = {"qwen2", "mimo", "qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text"};
  static constexpr Family traits{};
  static constexpr Dialect dialect{.default_positions = 32768};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    INGOT_CHECK(read_windows(text_config(root), config));
    INGOT_TRY(config.causal, root.get<bool>("is_causal", true));  // gte-Qwen2 is an encoder of these layers
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names).drop("model.mtp_layers");
    return {};
  }
};

}  // namespace ingot::model::families
