// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/baichuan.hpp: Baichuan 1 and 2 (modeling_baichuan.py of their repositories).

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// 7B rotates like Llama, 13B tells positions by ALiBi: it has no `max_position_embeddings`. Baichuan 2 scales the rows of its head
/// to length 1: it is known by its vocabulary of 125696 or by `z_loss_weight`.
struct Baichuan {
  static constexpr std::string_view name = "baichuan";
  static constexpr std::string_view model_types[] = {"baichuan"};
  static constexpr Family traits{};
  static constexpr std::uint32_t second_vocabulary = 125696;

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root));
    const json::Value text = text_config(root);
    config.unit_head = config.shape.vocabulary == second_vocabulary || text.find("z_loss_weight") || is_none(text, "z_loss_weight");
    config.alibi = !text.find("max_position_embeddings");
    if (config.alibi) {
      INGOT_TRY(config.max_positions, read_count(text, "model_max_length", detail::max_positions_read, 4096));
      config.ropes.clear();
      for (Layer& layer : config.layers) layer.rope = -1;
    }
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    split_qkv(plain_names(names), "model.layers.#.self_attn.W_pack", config.shape);
    if (config.unit_head) names.normalize_rows("lm_head");
    return {};
  }
};

}  // namespace ingot::model::families
