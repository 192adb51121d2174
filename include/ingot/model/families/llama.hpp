// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/llama.hpp: Llama 1 to 3, TinyLlama, SmolLM2.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Llama {
  static constexpr std::string_view name = "llama";
  static constexpr std::string_view model_types[] = {"llama"};
  static constexpr Family traits{};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) { return read_config(root); }
};

}  // namespace ingot::model::families
