// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/glm.hpp: GLM-4 in transformers' own form (`glm`) and GLM-4-0414 (`glm4`).

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Half of each head turns, by neighbouring dimensions.
struct Glm {
  static constexpr std::string_view name = "glm";
  static constexpr std::string_view model_types[] = {"glm"};
  static constexpr Family traits{.rope = RopePairs::adjacent};
  static constexpr Dialect dialect{
      .defaults = {.kv_heads = 2, .head_dim = 128}, .default_eps = 1.5625e-7f, .default_positions = 131072, .rope = {.partial = 0.5}};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    if (config.eos.empty()) config.eos = {151329, 151336, 151338};  // configuration_glm.py
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    split_gate_up(plain_names(names), "model.layers.#.mlp.gate_up_proj", config);
    return {};
  }
};

/// With norms after both halves of a layer; `post_attention_layernorm` is the one before the feed-forward.
struct Glm4 : Glm {
  static constexpr std::string_view name = "glm4";
  static constexpr std::string_view model_types[] = {"glm4"};
  static constexpr Family traits{.residual = Residual::sandwich, .rope = RopePairs::adjacent};
};

}  // namespace ingot::model::families
