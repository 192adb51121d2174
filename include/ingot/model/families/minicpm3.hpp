// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/minicpm3.hpp: MiniCPM3: latent attention with MiniCPM's scales.

#include <string_view>

#include <ingot/model/families/latent.hpp>
#include <ingot/model/families/minicpm.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Unlike DeepSeek it rotates by halves.
struct Minicpm3 {
  static constexpr std::string_view name = "minicpm3";
  static constexpr std::string_view model_types[] = {"minicpm3"};
  static constexpr Family traits{.attention = Attention::latent};
  static constexpr LatentDefaults latent{.query_rank = 768, .kv_rank = 256, .nope = 64, .rope = 32, .value_dim = 0};
  static constexpr Dialect dialect = latent_dialect({.default_eps = 1e-5f, .default_positions = 32768, .default_tied = true}, latent);

  /// Reads config.json. Errors: see read_config(), read_latent().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_CHECK(read_latent(text, latent, config));
    INGOT_CHECK(read_minicpm_scales(text, {.embedding = 12, .depth = 1.4f, .base_width = 256}, config));
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    latent_names(plain_names(names), config.shape);
    return {};
  }
};

}  // namespace ingot::model::families
