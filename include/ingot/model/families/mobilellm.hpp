// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/mobilellm.hpp: MobileLLM: a Llama whose blocks may run twice each (arXiv 2402.14905, section 3.4).

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Mobilellm {
  static constexpr std::string_view name = "mobilellm";
  static constexpr std::string_view model_types[] = {"mobilellm"};
  static constexpr Family traits{};

  /// Reads config.json. With `layer_sharing` each stored block is two layers, which keep keys and values of their own. Errors: see
  /// read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root));
    const json::Value text = text_config(root);
    INGOT_TRY(const bool shared, text.get<bool>("layer_sharing", false));
    INGOT_TRY(config.tied, text.get<bool>("share_embedding", config.tied));
    if (shared) {
      config.repeats = 2;
      config.shape.layers *= 2;
      config.layers.resize(config.shape.layers);
    }
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    plain_names(names);
    if (config.tied) names.drop("lm_head");  // the code has no head then
    return {};
  }
};

}  // namespace ingot::model::families
