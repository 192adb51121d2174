// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/qwen.hpp: the first Qwen (arXiv 2309.16609; modeling_qwen.py of its repositories).

#include <cstdint>
#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// For texts longer than it was trained on, the base of its rope grows and queries are scaled with the logarithm of their position.
/// Its config counts both halves of the feed-forward as one width; `w2` is the gate.
struct Qwen {
  static constexpr std::string_view name = "qwen";
  static constexpr std::string_view model_types[] = {"qwen"};
  static constexpr Family traits{};
  static constexpr Dialect dialect{.head_dim = "kv_channels", .eps = "layer_norm_epsilon", .default_positions = 8192};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    const json::Value text = text_config(root);
    if (config.shape.intermediate % 2 != 0) return text.problem("an even number expected for", "intermediate_size");
    config.shape.intermediate /= 2;
    RopeConfig& rope = config.ropes[0];
    INGOT_TRY(const auto share, detail::positive(text, "rotary_pct", 1.0));
    INGOT_TRY(const double base, detail::positive(text, "rotary_emb_base", 10000.0));
    INGOT_TRY(rope, read_rope(text, {}, config.shape.head_dim, config.max_positions, {.theta = base, .partial = share}));
    INGOT_TRY(rope.original_positions, read_count(text, "seq_length", detail::max_positions_read, 2048));
    INGOT_TRY(const bool grows, text.get<bool>("use_dynamic_ntk", true));
    if (grows) rope.scaling = RopeScaling::qwen;
    if (grows && rope.rotary <= 2) return text.problem("too few rotated dimensions for", "use_dynamic_ntk");
    INGOT_TRY(const bool scales, text.get<bool>("use_logn_attn", true));
    if (scales && rope.original_positions < 2) return text.problem("value out of range for", "seq_length");
    if (scales) config.query_scaling = QueryScaling::logarithm;
    config.query_floor = rope.original_positions;
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    names.rename("transformer.wte", "model.embed_tokens")
        .rename("transformer.ln_f", "model.norm")
        .rename("transformer.h.#", "model.layers.#")
        .rename("model.layers.#.ln_1", "model.layers.#.input_layernorm")
        .rename("model.layers.#.ln_2", "model.layers.#.post_attention_layernorm")
        .rename("model.layers.#.attn.c_proj", "model.layers.#.self_attn.o_proj")
        .rename("model.layers.#.mlp.w1", "model.layers.#.mlp.up_proj")
        .rename("model.layers.#.mlp.w2", "model.layers.#.mlp.gate_proj")
        .rename("model.layers.#.mlp.c_proj", "model.layers.#.mlp.down_proj");
    split_qkv(names, "model.layers.#.attn.c_attn", config.shape);
    return {};
  }
};

}  // namespace ingot::model::families
