// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/chatglm.hpp: ChatGLM-6B, and ChatGLM 2, 3 and GLM-4-9B (modeling_chatglm.py of their repositories).

#include <cmath>
#include <cstdint>
#include <string_view>

#include <ingot/model/config_reader.hpp>
#include <ingot/model/families/names.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model::families {

/// The first one: DeepNorm on the normed stream, a rope of two positions, and a context that sees all of itself (arXiv 2103.10360).
/// model_type_of() tells it from the others.
struct Chatglm6b {
  static constexpr std::string_view name = "chatglm6b";
  static constexpr std::string_view model_types[] = {"chatglm-6b"};
  static constexpr Family traits{
      .norm = Norm::layer, .residual = Residual::post, .rope = RopePairs::planar, .feed_forward = FeedForward::plain};
  static constexpr Dialect dialect{.layers = "num_layers",
                                   .intermediate = "inner_hidden_size",
                                   .eps = "layernorm_epsilon",
                                   .positions = "max_sequence_length",
                                   .default_eps = 1e-5f,
                                   .default_activation = "gelu_pytorch_tanh",
                                   .rope = {.partial = 0.5}};
  static constexpr std::uint32_t early_vocabulary = 150528;

  /// Reads config.json. Errors: see read_config(); unsupported (the first revision and the variant with one position, which place
  /// tokens otherwise).
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, dialect));
    INGOT_TRY(const bool planar, root.get<bool>("position_encoding_2d", true));
    if (!planar || config.shape.vocabulary == early_vocabulary)
      return Error{ErrorCode::unsupported, "this revision of ChatGLM-6B is not supported", "config.json", "use its newest revision"};
    config.ropes[0].half_precision = true;
    config.stream_scale = std::sqrt(2 * static_cast<float>(config.shape.layers));  // the code has 28 for layers, as all its models do
    config.context_end = config.bos;
    INGOT_TRY(config.mask_tokens[0], root.get<std::int32_t>("gmask_token_id", 130001));
    INGOT_TRY(config.mask_tokens[1], root.get<std::int32_t>("mask_token_id", 130000));
    if (config.context_end < 0) return root.problem("a token expected for", "bos_token_id");
    return config;
  }
  /// `query_key_value` has a block [q; k; v] for each head.
  static Status arrange(const Config& config, Arrangement& names) {
    names.rename("transformer.word_embeddings", "model.embed_tokens")
        .rename("transformer.final_layernorm", "model.norm")
        .rename("transformer.layers.#", "model.layers.#")
        .rename("model.layers.#.attention.dense", "model.layers.#.self_attn.o_proj")
        .rename("model.layers.#.mlp.dense_h_to_4h", "model.layers.#.mlp.up_proj")
        .rename("model.layers.#.mlp.dense_4h_to_h", "model.layers.#.mlp.down_proj");
    split_qkv(names, "model.layers.#.attention.query_key_value", config.shape, config.shape.heads);
    return {};
  }
};

/// Its successors: Llama that rotates half of each head, by neighbouring dimensions. GLM-4-9B differs in numbers alone.
struct Chatglm {
  static constexpr std::string_view name = "chatglm";
  static constexpr std::string_view model_types[] = {"chatglm"};
  static constexpr Family traits{.rope = RopePairs::adjacent};
  static constexpr Dialect dialect{.layers = "num_layers",
                                   .kv_heads = "multi_query_group_num",
                                   .head_dim = "kv_channels",
                                   .intermediate = "ffn_hidden_size",
                                   .vocabulary = "padded_vocab_size",
                                   .eps = "layernorm_epsilon",
                                   .positions = "seq_length",
                                   .default_eps = 1e-5f,
                                   .rope = {.partial = 0.5}};

  /// Reads config.json. Errors: see read_config(); unsupported (LayerNorm, residuals around it, no last norm).
  static Result<Config> read(const json::Value& root) {
    Dialect keys = dialect;
    INGOT_TRY(const bool grouped, root.get<bool>("multi_query_attention", false));
    if (!grouped) keys.kv_heads = keys.heads;
    if (!root.find(keys.vocabulary)) keys.vocabulary = "vocab_size";
    INGOT_TRY(Config config, read_config(root, keys));
    INGOT_TRY(const bool rms, root.get<bool>("rmsnorm", true));
    INGOT_TRY(const bool last, root.get<bool>("post_layer_norm", true));
    INGOT_TRY(const bool around, root.get<bool>("apply_residual_connection_post_layernorm", false));
    if (!rms || !last || around)
      return Error{ErrorCode::unsupported, "this arrangement of ChatGLM's norms is not supported", "config.json", {}};
    INGOT_TRY(const double ratio, detail::positive(root, "rope_ratio", 1.0));
    config.ropes[0].theta *= ratio;
    return config;
  }
  static Status arrange(const Config& config, Arrangement& names) {
    names.rename("transformer.embedding.word_embeddings", "model.embed_tokens")
        .rename("transformer.output_layer", "lm_head")
        .rename("transformer.encoder.final_layernorm", "model.norm")
        .rename("transformer.encoder.layers.#", "model.layers.#")
        .rename("model.layers.#.self_attention.dense", "model.layers.#.self_attn.o_proj")
        .rename("model.layers.#.mlp.dense_4h_to_h", "model.layers.#.mlp.down_proj");
    split_qkv(names, "model.layers.#.self_attention.query_key_value", config.shape);
    split_gate_up(names, "model.layers.#.mlp.dense_h_to_4h", config);
    return {};
  }
};

}  // namespace ingot::model::families
