// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/phi3.hpp: Phi 3, 3.5 and 4-mini (arXiv 2404.14219): Llama with fused projections and longrope.

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

struct Phi3 {
  static constexpr std::string_view name = "phi3";
  static constexpr std::string_view model_types[] = {"phi3"};
  static constexpr Family traits{};
  static constexpr Dialect dialect{
      .default_eps = 1e-5f, .default_positions = 4096, .rope = {.yarn_is_longrope = true, .original_positions = 4096}};

  /// Reads config.json. A window is of all layers. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    INGOT_CHECK(read_window(text_config(root), 0, config));
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    split_qkv(plain_names(names), "model.layers.#.self_attn.qkv_proj", config.shape);
    split_gate_up(names, "model.layers.#.mlp.gate_up_proj", config);
    return {};
  }
};

}  // namespace ingot::model::families
