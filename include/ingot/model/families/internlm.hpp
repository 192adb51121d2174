// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/internlm.hpp: InternLM 1 and 2 (modeling_internlm.py, modeling_internlm2.py of their repositories).

#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Llama with biases, and with its own key for rope.
struct Internlm {
  static constexpr std::string_view name = "internlm";
  static constexpr std::string_view model_types[] = {"internlm"};
  static constexpr Family traits{};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root));
    const auto rotary = text_config(root).find("rotary");
    if (!rotary) return config;
    RopeConfig& rope = config.ropes[0];
    INGOT_TRY(rope.theta, detail::positive(*rotary, "base", rope.theta));
    INGOT_TRY(const auto type, rotary->get<std::string>("type", "origin"));
    if (type == "dynamic") {
      rope.scaling = RopeScaling::dynamic;
      if (rope.rotary <= 2) return rotary->problem("too few rotated dimensions for", "type");
      INGOT_TRY(rope.factor, detail::positive(*rotary, "scaling_factor", 1.0));
      if (rope.factor < 1) return rotary->problem("value out of range for", "scaling_factor");
    } else if (type != "origin") {
      return Error{ErrorCode::unsupported, "rotary type \"" + type.substr(0, 60) + "\" is not supported", "config.json", {}};
    }
    return config;
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names);
    return {};
  }
};

/// Llama with other names. `wqkv` has a block [queries of the group; key; value] for each key head.
struct Internlm2 {
  static constexpr std::string_view name = "internlm2";
  static constexpr std::string_view model_types[] = {"internlm2"};
  static constexpr Family traits{};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) { return read_config(root); }

  static Status arrange(const Config& config, Arrangement& names) {
    names.rename("language_model.output", "output");
    plain_names(names)
        .rename("model.tok_embeddings", "model.embed_tokens")
        .rename("output", "lm_head")
        .rename("model.layers.#.attention_norm", "model.layers.#.input_layernorm")
        .rename("model.layers.#.ffn_norm", "model.layers.#.post_attention_layernorm")
        .rename("model.layers.#.attention.wo", "model.layers.#.self_attn.o_proj")
        .rename("model.layers.#.feed_forward.w1", "model.layers.#.mlp.gate_proj")
        .rename("model.layers.#.feed_forward.w3", "model.layers.#.mlp.up_proj")
        .rename("model.layers.#.feed_forward.w2", "model.layers.#.mlp.down_proj");
    split_qkv(names, "model.layers.#.attention.wqkv", config.shape, config.shape.kv_heads);
    return {};
  }
};

}  // namespace ingot::model::families
