// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/minicpm.hpp: MiniCPM 1, 2 and 4: Llama with scales from width-independent training (arXiv 2404.06395).

#include <cmath>
#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// What the class assumes where a key is absent. Of one that is null the scale is 1.
struct MinicpmScales {
  float embedding = 1, depth = 1, base_width = 1;
};

/// `scale_emb` on embeddings, scale_depth / sqrt(layers) on what a block adds, dim_model_base / hidden on what the head is given
/// (also of a tied one).
inline Status read_minicpm_scales(const json::Value& root, const MinicpmScales& absent, Config& config) {
  const auto layers = static_cast<float>(config.shape.layers), hidden = static_cast<float>(config.shape.hidden);
  INGOT_TRY(config.embedding_scale, read_number(root, "scale_emb", absent.embedding));
  INGOT_TRY(const float depth, read_number(root, "scale_depth", is_none(root, "scale_depth") ? std::sqrt(layers) : absent.depth));
  INGOT_TRY(const float base, read_positive(root, "dim_model_base", is_none(root, "dim_model_base") ? hidden : absent.base_width));
  config.residual_scale = depth / std::sqrt(layers);
  config.logit_scale = base / hidden;
  return {};
}

struct Minicpm {
  static constexpr std::string_view name = "minicpm";
  static constexpr std::string_view model_types[] = {"minicpm"};
  static constexpr Family traits{};
  static constexpr Dialect dialect{.default_tied = true};

  /// Reads config.json. Errors: see read_config(); unsupported (the variant with experts).
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_TRY(const auto experts, text.get<std::uint32_t>("num_experts", 0));
    if (experts > 0) return Error{ErrorCode::unsupported, "MiniCPM with experts is not supported", "config.json", {}};
    INGOT_CHECK(read_minicpm_scales(text, {}, config));
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names);
    return {};
  }
};

}  // namespace ingot::model::families
