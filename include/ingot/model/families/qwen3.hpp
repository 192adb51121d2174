// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/qwen3.hpp: Qwen 3: query and key heads are normalized before the rotation.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Qwen3 {
  static constexpr std::string_view name = "qwen3";
  static constexpr std::string_view model_types[] = {"qwen3"};
  static constexpr Family traits{.qk_norm = QkNorm::before_rope};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root));
    INGOT_CHECK(read_windows(root, config));
    return config;
  }
};

}  // namespace ingot::model::families
