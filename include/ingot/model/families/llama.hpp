// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/llama.hpp: Llama 1 to 3, TinyLlama, SmolLM2, and the families that read like it.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Biases are there or not; InternLM has them on q, k, v and o. DeepSeek-VL's language model is a Llama inside a `multi_modality`
/// config, which leaves out what Llama's class assumes.
struct Llama {
  static constexpr std::string_view name = "llama";
  static constexpr std::string_view model_types[] = {"llama", "internlm3"};
  static constexpr Family traits{};
  static constexpr Dialect nested{.defaults = llama_defaults};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    const bool is_nested = root.find("language_config") || root.find("text_config");
    return read_config(root, is_nested ? nested : Dialect{});
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names);
    return {};
  }
};

}  // namespace ingot::model::families
