// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/mistral.hpp: Mistral (sliding windows, arXiv 2310.06825) and Mixtral (arXiv 2401.04088).

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// A config that says nothing has a window of 4096, as the first Mistral; null is none.
struct Mistral {
  static constexpr std::string_view name = "mistral";
  static constexpr std::string_view model_types[] = {"mistral"};
  static constexpr Family traits{};
  static constexpr Dialect dialect{.defaults = {.kv_heads = 8}, .default_positions = 4096 * 32};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    INGOT_CHECK(read_window(text_config(root), 4096, config));
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names);
    return {};
  }
};

/// Mistral with experts in all layers; the weights of the chosen ones sum up to 1.
struct Mixtral {
  static constexpr std::string_view name = "mixtral";
  static constexpr std::string_view model_types[] = {"mixtral"};
  static constexpr Family traits{.router = Router::softmax_then_top};
  static constexpr Dialect dialect{
      .defaults = {.kv_heads = 8}, .default_eps = 1e-5f, .default_positions = 4096 * 32, .rope = {.theta = 1000000}};
  static constexpr ExpertKeys expert_keys{
      .experts = "num_local_experts", .width = "intermediate_size", .default_experts = 8, .default_used = 2};

  /// Reads config.json. Errors: see read_config(), read_experts().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_CHECK(read_window(text, 0, config));
    INGOT_CHECK(read_experts(text, expert_keys, config));
    config.routing.normalize = true;
    for (Layer& layer : config.layers) layer.sparse = true;
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names).rename("model.layers.#.block_sparse_moe", "model.layers.#.mlp");
    expert_names(names)
        .rename("model.layers.#.mlp.experts.#.w1", "model.layers.#.mlp.experts.#.gate_proj")
        .rename("model.layers.#.mlp.experts.#.w3", "model.layers.#.mlp.experts.#.up_proj")
        .rename("model.layers.#.mlp.experts.#.w2", "model.layers.#.mlp.experts.#.down_proj");
    return {};
  }
};

}  // namespace ingot::model::families
