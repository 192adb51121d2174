// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/qwen3.hpp: Qwen 3, dense and with experts (arXiv 2505.09388).

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Query and key heads are normalized before the rotation.
struct Qwen3 {
  static constexpr std::string_view name = "qwen3";
  static constexpr std::string_view model_types[] = {"qwen3", "qwen3_vl_text"};
  static constexpr Family traits{.qk_norm = QkNorm::before_rope};
  static constexpr Dialect dialect{.defaults = {.head_dim = 128}, .default_positions = 32768};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    INGOT_CHECK(read_windows(text_config(root), config));
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names);
    return {};
  }
};

/// A window is of all layers here (modeling_qwen3_moe.py).
struct Qwen3Moe {
  static constexpr std::string_view name = "qwen3_moe";
  static constexpr std::string_view model_types[] = {"qwen3_moe"};
  static constexpr Family traits{.qk_norm = QkNorm::before_rope, .router = Router::softmax_then_top};
  static constexpr Dialect dialect{.defaults = {.kv_heads = 4}, .default_positions = 32768};
  static constexpr ExpertKeys experts{.default_experts = 128, .default_used = 8, .default_width = 768};

  /// Reads config.json. Errors: see read_config(), read_experts(), read_sparse_layers().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    INGOT_TRY(const bool windowed, text.get<bool>("use_sliding_window", false));
    if (windowed) INGOT_CHECK(read_window(text, 4096, config));
    INGOT_CHECK(read_experts(text, experts, config));
    INGOT_CHECK(read_sparse_layers(text, config));
    INGOT_TRY(config.routing.normalize, text.get<bool>("norm_topk_prob", false));
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    expert_names(plain_names(names));
    return {};
  }
};

}  // namespace ingot::model::families
