// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/qwen2.hpp: Qwen 2 and 2.5: biases on query, key and value, sliding windows in the upper layers.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Qwen2 {
  static constexpr std::string_view name = "qwen2";
  static constexpr std::string_view model_types[] = {"qwen2"};
  static constexpr Family traits{};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root));
    INGOT_CHECK(read_windows(root, config));
    return config;
  }
};

}  // namespace ingot::model::families
