// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/hunyuan.hpp: Hunyuan V1, dense and with experts.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Query and key heads are normalized after the rotation, whatever `use_qk_norm` says (modeling_hunyuan_v1_dense.py).
struct HunyuanV1Dense {
  static constexpr std::string_view name = "hunyuan_v1_dense";
  static constexpr std::string_view model_types[] = {"hunyuan_v1_dense"};
  static constexpr Family traits{.qk_norm = QkNorm::after_rope};
  static constexpr Dialect dialect{.default_eps = 1e-5f};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) { return read_config(root, keys_of(text_config(root))); }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names)
        .rename("model.layers.#.self_attn.query_layernorm", "model.layers.#.self_attn.q_norm")
        .rename("model.layers.#.self_attn.key_layernorm", "model.layers.#.self_attn.k_norm");
    return {};
  }

  /// Some configs have `attention_head_dim` alone.
  static Dialect keys_of(const json::Value& text) {
    Dialect keys = dialect;
    if (!text.find(keys.head_dim) && text.find("attention_head_dim")) keys.head_dim = "attention_head_dim";
    return keys;
  }
};

/// Experts in all layers, each `intermediate_size` wide like the one that every token visits; the chosen ones' weights sum up to 1. Other
/// keys of the config are not used (modeling_hunyuan_v1_moe.py).
struct HunyuanV1Moe {
  static constexpr std::string_view name = "hunyuan_v1_moe";
  static constexpr std::string_view model_types[] = {"hunyuan_v1_moe"};
  static constexpr Family traits{.qk_norm = QkNorm::after_rope, .router = Router::softmax_then_top};

  /// Reads config.json; `num_experts` and `moe_topk` are one for all layers or one each. Errors: damaged; see read_config().
  static Result<Config> read(const json::Value& root) {
    const json::Value text = text_config(root);
    INGOT_TRY(Config config, read_config(root, HunyuanV1Dense::keys_of(text)));
    Shape& shape = config.shape;
    shape.expert_width = shape.shared_width = shape.intermediate;
    config.routing.normalize = true;
    for (Layer& layer : config.layers) layer.sparse = true;
    INGOT_TRY(const auto experts, by_layer(text, "num_experts", config));
    INGOT_TRY(const auto used, by_layer(text, "moe_topk", config));
    bool alike = true;
    for (std::size_t i = 0; i < experts.size(); ++i) {
      if (used[i] > experts[i]) return text.problem("more experts chosen than there are:", "moe_topk");
      alike = alike && experts[i] == experts[0] && used[i] == used[0];
    }
    shape.experts = *std::max_element(experts.begin(), experts.end());
    shape.experts_used = *std::max_element(used.begin(), used.end());
    if (!alike) config.extents.assign(shape.layers, shape);
    for (std::size_t i = 0; i < config.extents.size(); ++i)
      config.extents[i].experts = experts[i], config.extents[i].experts_used = used[i];
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    INGOT_CHECK(HunyuanV1Dense::arrange(config, names));
    names.rename("model.layers.#.mlp.gate.wg", "model.layers.#.mlp.gate")
        .rename("model.layers.#.mlp.shared_mlp", "model.layers.#.mlp.shared_expert");
    expert_names(names);
    return {};
  }

 private:
  static Result<std::vector<std::uint32_t>> by_layer(const json::Value& text, std::string_view key, const Config& config) {
    const std::size_t layers = config.layers.size();
    const auto list = text.find(key);
    if (!list || !list->is_array()) {
      INGOT_TRY(const auto value, read_count(text, key, max_experts, 1));
      return std::vector<std::uint32_t>(layers, value);
    }
    INGOT_TRY(auto values, read_list(text, key, layers, max_experts));
    if (values.empty() || std::find(values.begin(), values.end(), 0u) != values.end()) return text.problem("value out of range in", key);
    return values;
  }
};

}  // namespace ingot::model::families
