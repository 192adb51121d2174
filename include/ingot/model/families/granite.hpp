// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/granite.hpp: Granite 3: Llama with four multipliers.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Granite {
  static constexpr std::string_view name = "granite";
  static constexpr std::string_view model_types[] = {"granite"};
  static constexpr Family traits{};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root));
    const json::Value text = text_config(root);
    INGOT_TRY(config.embedding_scale, read_number(text, "embedding_multiplier", 1));
    INGOT_TRY(config.residual_scale, read_number(text, "residual_multiplier", 1));
    INGOT_TRY(config.attention_scale, read_positive(text, "attention_multiplier", 1));
    INGOT_TRY(const float divisor, read_positive(text, "logits_scaling", 1));
    config.logit_scale = 1 / divisor;
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names);
    return {};
  }
};

}  // namespace ingot::model::families
