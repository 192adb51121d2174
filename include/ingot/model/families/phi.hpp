// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/phi.hpp: Phi 1, 1.5 and 2 (arXiv 2306.11644, 2309.05463).

#include <cstdint>
#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Attention and a plain feed-forward beside each other, LayerNorms and biases everywhere, and a part of each head turns.
struct Phi {
  static constexpr std::string_view name = "phi";
  static constexpr std::string_view model_types[] = {"phi"};
  static constexpr Family traits{.norm = Norm::layer, .residual = Residual::parallel, .feed_forward = FeedForward::plain};
  static constexpr Dialect dialect{
      .eps = "layer_norm_eps", .default_eps = 1e-5f, .default_activation = "gelu_new", .rope = {.partial = 0.5}};

  /// Reads config.json. Errors: see read_config(); unsupported (LayerNorms of query and key heads).
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(const bool normed, text_config(root).get<bool>("qk_layernorm", false));
    if (normed) return Error{ErrorCode::unsupported, "Phi with qk_layernorm is not supported", "config.json", {}};
    return read_config(root, dialect);
  }
  static Status arrange(const Config&, Arrangement& names) {
    plain_names(names)
        .rename("final_layernorm", "model.norm")
        .rename("model.final_layernorm", "model.norm")
        .rename("model.layers.#.self_attn.dense", "model.layers.#.self_attn.o_proj")
        .rename("model.layers.#.mlp.fc1", "model.layers.#.mlp.up_proj")
        .rename("model.layers.#.mlp.fc2", "model.layers.#.mlp.down_proj");
    return {};
  }
};

/// The form it was first published in.
struct PhiMsft {
  static constexpr std::string_view name = "phi_msft";
  static constexpr std::string_view model_types[] = {"phi-msft"};
  static constexpr Family traits = Phi::traits;
  static constexpr Dialect dialect{.hidden = "n_embd",
                                   .layers = "n_layer",
                                   .heads = "n_head",
                                   .kv_heads = "n_head_kv",
                                   .intermediate = "n_inner",
                                   .eps = "layer_norm_epsilon",
                                   .positions = "n_positions",
                                   .activation = "activation_function",
                                   .default_eps = 1e-5f,
                                   .default_activation = "gelu_new"};

  /// Reads config.json. Errors: see read_config().
  static Result<Config> read(const json::Value& root) {
    Dialect keys = dialect;
    INGOT_TRY(const auto hidden, read_count(root, keys.hidden, max_width / 4));
    keys.defaults.intermediate = 4 * hidden;
    INGOT_TRY(Config config, read_config(root, keys));
    INGOT_TRY(config.ropes[0].rotary, read_count(root, "rotary_dim", config.shape.head_dim, config.shape.head_dim));
    if (config.ropes[0].rotary % 2 != 0) return root.problem("an even number expected for", "rotary_dim");
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    names.rename("transformer.embd.wte", "model.embed_tokens")
        .rename("lm_head.ln", "model.norm")
        .rename("lm_head.linear", "lm_head")
        .rename("transformer.h.#", "model.layers.#")
        .rename("model.layers.#.ln", "model.layers.#.input_layernorm")
        .rename("model.layers.#.mixer.out_proj", "model.layers.#.self_attn.o_proj");
    split_qkv(names, "model.layers.#.mixer.Wqkv", config.shape);
    return Phi::arrange(config, names);
  }
};

}  // namespace ingot::model::families
