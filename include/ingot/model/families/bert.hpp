// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/bert.hpp: BERT as an encoder of texts: BGE, E5, MiniLM (arXiv 1810.04805).

#include <cstdint>
#include <string>
#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// Norms follow the sum with the residual: each is the norm before the next half of a layer, which is added to what it has normed.
struct Bert {
  static constexpr std::string_view name = "bert";
  static constexpr std::string_view model_types[] = {"bert"};
  static constexpr Family traits{.norm = Norm::layer, .residual = Residual::post, .feed_forward = FeedForward::plain};
  static constexpr Dialect dialect{
      .eps = "layer_norm_eps", .default_eps = 1e-12f, .default_positions = 512, .default_activation = "gelu", .default_tied = true};

  /// Reads config.json. Errors: see read_config(); unsupported (relative positions, a decoder).
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    INGOT_TRY(const auto positions, root.get<std::string>("position_embedding_type", "absolute"));
    INGOT_TRY(const bool decoder, root.get<bool>("is_decoder", false));
    if (positions != "absolute" || decoder)
      return Error{ErrorCode::unsupported, "BERT as a decoder or with relative positions is not supported", "config.json", {}};
    INGOT_TRY(config.token_types, read_count(root, "type_vocab_size", 1u << 16, 2));
    config.causal = false;
    config.learned_positions = true;
    config.ropes.clear();
    for (Layer& layer : config.layers) layer.rope = -1;
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    names.rename("bert", "")
        .rename("embeddings.word_embeddings", "model.embed_tokens")
        .rename("embeddings.position_embeddings", "model.position_embeddings")
        .rename("embeddings.token_type_embeddings", "model.type_embeddings")
        .rename("embeddings.LayerNorm", "model.layers.0.input_layernorm")
        .rename("encoder.layer.#", "model.layers.#")
        .rename("model.layers.#.attention.self.query", "model.layers.#.self_attn.q_proj")
        .rename("model.layers.#.attention.self.key", "model.layers.#.self_attn.k_proj")
        .rename("model.layers.#.attention.self.value", "model.layers.#.self_attn.v_proj")
        .rename("model.layers.#.attention.output.dense", "model.layers.#.self_attn.o_proj")
        .rename("model.layers.#.attention.output.LayerNorm", "model.layers.#.post_attention_layernorm")
        .rename("model.layers.#.intermediate.dense", "model.layers.#.mlp.up_proj")
        .rename("model.layers.#.output.dense", "model.layers.#.mlp.down_proj")
        .split("model.layers.#.output.LayerNorm", [&, norm = std::string{}](std::uint32_t layer) mutable {
          norm = layer + 1 < config.shape.layers ? "model.layers." + std::to_string(layer + 1) + ".input_layernorm" : "model.norm";
          return checkpoint::Split{1, {{norm, config.shape.hidden}}};
        });
    return {};
  }
};

}  // namespace ingot::model::families
