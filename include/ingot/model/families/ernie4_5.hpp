// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/ernie4_5.hpp: ERNIE 4.5: Llama that rotates neighbouring dimensions.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// The rotation takes pairs (2i, 2i + 1) (modeling_ernie4_5.py, rotate_half).
struct Ernie45 {
  static constexpr std::string_view name = "ernie4_5";
  static constexpr std::string_view model_types[] = {"ernie4_5"};
  static constexpr Family traits{.rope = RopePairs::adjacent};
  static constexpr Dialect dialect{.defaults = {.kv_heads = 2, .head_dim = 128},
                                   .default_eps = 1e-5f,
                                   .default_positions = 131072,
                                   .default_tied = true,
                                   .rope = {.theta = 500000}};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) { return read_config(root, dialect); }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names);
    return {};
  }
};

}  // namespace ingot::model::families
