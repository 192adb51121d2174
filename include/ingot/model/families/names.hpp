// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/names.hpp: steps from checkpoints' tensor names to canonical ones that several families share.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ingot/checkpoint/arrangement.hpp>
#include <ingot/model/config.hpp>

namespace ingot::model::families {

using checkpoint::Arrangement;

/// Names of transformers' decoders, whose layers are canonical already, as they stand inside multimodal models (`language_model.`)
/// and in checkpoints of the model without its head (no `model.`; Qwen3-Embedding).
inline Arrangement& plain_names(Arrangement& names) {
  return names.rename("language_model.model", "model")
      .rename("language_model.lm_head", "lm_head")
      .rename("model.language_model", "model")
      .rename("model.text_model", "model")
      .rename("language_model", "model")
      .rename("llm.model", "model")
      .rename("llm.lm_head", "lm_head")
      .rename("embed_tokens", "model.embed_tokens")
      .rename("layers", "model.layers")
      .rename("norm", "model.norm");
}

/// [gate; up] of a dense feed-forward, `from` in each layer.
inline Arrangement& split_gate_up(Arrangement& names, std::string_view from, const Config& config) {
  const std::size_t width = config.shape.intermediate;
  return names.split(from, {1, {{"model.layers.#.mlp.gate_proj", width}, {"model.layers.#.mlp.up_proj", width}}});
}

/// Stacked queries, keys and values: one [q; k; v], or with `blocks` a [q; k; v] for each head or group of heads.
inline Arrangement& split_qkv(Arrangement& names, std::string_view from, const Shape& shape, std::size_t blocks = 1) {
  return names.split(from, {blocks,
                            {{"model.layers.#.self_attn.q_proj", shape.q_width() / blocks},
                             {"model.layers.#.self_attn.k_proj", shape.k_width() / blocks},
                             {"model.layers.#.self_attn.v_proj", shape.v_width() / blocks}}});
}

/// The router that most families call `gate`, DeepSeek's bias for the choice, and experts that transformers 5 saves as they lie in
/// its memory: [experts, gate and up, hidden] and [experts, hidden, width].
inline Arrangement& expert_names(Arrangement& names, checkpoint::ExpertForm form = {}) {
  names.rename("model.layers.#.mlp.gate", "model.layers.#.mlp.router")
      .rename("model.layers.#.mlp.router.e_score_correction_bias", "model.layers.#.mlp.router.correction_bias")
      .rename("model.layers.#.mlp.shared_experts", "model.layers.#.mlp.shared_expert");
  return names
      .experts("model.layers.#.mlp.experts.gate_up_proj",
               {"model.layers.#.mlp.experts.#.gate_proj.weight", "model.layers.#.mlp.experts.#.up_proj.weight"}, form)
      .experts("model.layers.#.mlp.experts.down_proj", {"model.layers.#.mlp.experts.#.down_proj.weight"}, {.transposed = form.transposed});
}

/// The norms of a layer that has one before and one after each of its halves, in Gemma's names, and all of its norms as 1 + w.
inline Arrangement& sandwich_names(Arrangement& names) {
  return names.rename("model.layers.#.post_attention_layernorm", "model.layers.#.post_self_attn_layernorm")
      .rename("model.layers.#.pre_feedforward_layernorm", "model.layers.#.post_attention_layernorm")
      .rename("model.layers.#.post_feedforward_layernorm", "model.layers.#.post_mlp_layernorm");
}

/// The norms of a decoder that multiply with 1 + w: Gemma, Qwen3-Next.
inline Arrangement& norms_plus_one(Arrangement& names) {
  for (const std::string_view norm : {"model.norm", "model.layers.#.input_layernorm", "model.layers.#.post_attention_layernorm",
                                      "model.layers.#.post_self_attn_layernorm", "model.layers.#.post_mlp_layernorm",
                                      "model.layers.#.self_attn.q_norm", "model.layers.#.self_attn.k_norm"})
    names.add_one(norm);
  return names;
}

}  // namespace ingot::model::families
