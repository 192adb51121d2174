// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/deepseek.hpp: DeepSeek V2 (arXiv 2405.04434) and V3 (arXiv 2412.19437).

#include <cstdint>
#include <string>
#include <string_view>

#include <ingot/model/families/latent.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Extents of the experts of DeepSeek, in all layers but the first few, one of which is as wide as all shared ones together.
struct DeepseekExperts {
  ExpertKeys keys;
  std::uint32_t shared, dense_layers;  ///< n_shared_experts, first_k_dense_replace where they are absent
};
inline Status read_deepseek_experts(const json::Value& text, const DeepseekExperts& absent, Config& config) {
  INGOT_CHECK(read_experts(text, absent.keys, config));
  INGOT_TRY(const auto shared, text.get<std::uint32_t>("n_shared_experts", is_none(text, "n_shared_experts") ? 0 : absent.shared));
  if (shared > max_width / config.shape.expert_width) return text.problem("value out of range for", "n_shared_experts");
  config.shape.shared_width = shared * config.shape.expert_width;
  INGOT_TRY(const auto first, text.get<std::uint32_t>("first_k_dense_replace", absent.dense_layers));
  for (std::size_t i = first; i < config.layers.size(); ++i) config.layers[i].sparse = true;
  return {};
}

/// The softmax's largest probabilities as they are (transformers has no use for `norm_topk_prob` here), from a few groups where
/// `topk_method` says so; a group is as good as its best expert.
struct DeepseekV2 {
  static constexpr std::string_view name = "deepseek_v2";
  static constexpr std::string_view model_types[] = {"deepseek_v2"};
  static constexpr Family traits{.rope = RopePairs::adjacent, .attention = Attention::latent, .router = Router::softmax_then_top};
  static constexpr LatentDefaults latent{};
  static constexpr Dialect dialect = latent_dialect({}, latent);
  static constexpr DeepseekExperts experts{{.experts = "n_routed_experts", .default_experts = 64, .default_width = 1407}, 2, 0};

  /// Reads config.json. Errors: see read_config(), read_latent(), read_experts(), read_groups(); unsupported (another topk_method).
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_CHECK(read_latent(text, latent, config));
    INGOT_CHECK(read_deepseek_experts(text, experts, config));
    INGOT_TRY(config.routing.factor, read_number(text, "routed_scaling_factor", 1));
    INGOT_TRY(const auto method, text.get<std::string>("topk_method", "greedy"));
    if (method == "group_limited_greedy") {
      INGOT_CHECK(read_groups(text, {0, 0}, config));
    } else if (method != "greedy") {
      return Error{ErrorCode::unsupported, "topk_method \"" + method.substr(0, 60) + "\" is not supported", "config.json", {}};
    }
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    expert_names(latent_names(plain_names(names), config.shape));
    return {};
  }
};

/// Sigmoids with a bias for the choice; a group is as good as its two best experts together.
struct DeepseekV3 {
  static constexpr std::string_view name = "deepseek_v3";
  static constexpr std::string_view model_types[] = {"deepseek_v3"};
  static constexpr Family traits{.rope = RopePairs::adjacent, .attention = Attention::latent, .router = Router::sigmoid_biased};
  static constexpr LatentDefaults latent{};
  static constexpr Dialect dialect = latent_dialect({.default_positions = 4096}, latent);
  static constexpr DeepseekExperts experts{
      {.experts = "n_routed_experts", .default_experts = 256, .default_used = 8, .default_width = 2048}, 1, 3};

  /// Reads config.json. Errors: see read_config(), read_latent(), read_experts(), read_groups().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_CHECK(read_latent(text, latent, config));
    INGOT_CHECK(read_deepseek_experts(text, experts, config));
    INGOT_TRY(config.routing.factor, read_number(text, "routed_scaling_factor", 2.5f));
    INGOT_TRY(config.routing.normalize, text.get<bool>("norm_topk_prob", true));
    config.routing.group_by_two = true;
    INGOT_CHECK(read_groups(text, {8, 4}, config));
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) { return DeepseekV2::arrange(config, names); }
};

/// `rope_interleave` false: the rotated part turns by halves (model_type_of() tells the two apart).
struct DeepseekV3Halves : DeepseekV3 {
  static constexpr std::string_view name = "deepseek_v3_halves";
  static constexpr std::string_view model_types[] = {"deepseek_v3-halves"};
  static constexpr Family traits{.attention = Attention::latent, .router = Router::sigmoid_biased};
};

}  // namespace ingot::model::families
