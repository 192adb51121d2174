// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/gguf_names.hpp: GGUF's tensor names as the ones of Hugging Face checkpoints.

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ingot::checkpoint {

namespace detail {
using NamePair = std::pair<std::string_view, std::string_view>;

/// Before `.weight` or `.bias`. GGUF side: gguf/constants.py (TENSOR_NAMES); the other: LlamaForCausalLM, Qwen3ForCausalLM.
inline constexpr std::array gguf_model_names{
    NamePair{"token_embd", "model.embed_tokens"},
    NamePair{"output_norm", "model.norm"},
    NamePair{"output", "lm_head"},
};
/// After `blk.N.` and `model.layers.N.`.
inline constexpr std::array gguf_layer_names{
    NamePair{"attn_norm", "input_layernorm"},    NamePair{"attn_q", "self_attn.q_proj"},
    NamePair{"attn_k", "self_attn.k_proj"},      NamePair{"attn_v", "self_attn.v_proj"},
    NamePair{"attn_output", "self_attn.o_proj"}, NamePair{"attn_q_norm", "self_attn.q_norm"},
    NamePair{"attn_k_norm", "self_attn.k_norm"}, NamePair{"ffn_gate", "mlp.gate_proj"},
    NamePair{"ffn_up", "mlp.up_proj"},           NamePair{"ffn_norm", "post_attention_layernorm"},
    NamePair{"ffn_down", "mlp.down_proj"},
};

template <std::size_t Size>
constexpr std::string_view look_up(const std::array<NamePair, Size>& names, std::string_view gguf) noexcept {
  const auto found = std::find_if(names.begin(), names.end(), [=](const NamePair& pair) { return pair.first == gguf; });
  return found == names.end() ? std::string_view{} : found->second;
}
}  // namespace detail

/// `blk.3.attn_q.weight` -> `model.layers.3.self_attn.q_proj.weight`; nothing for names that have no counterpart.
[[nodiscard]] inline std::optional<std::string> hugging_face_name(std::string_view gguf) {
  const std::size_t dot = gguf.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::string_view stem = gguf.substr(0, dot);
  const std::string_view kind = gguf.substr(dot);
  if (kind != ".weight" && kind != ".bias") return std::nullopt;
  if (!stem.starts_with("blk.")) {
    const std::string_view name = detail::look_up(detail::gguf_model_names, stem);
    return name.empty() ? std::nullopt : std::optional{std::string{name}.append(kind)};
  }
  stem.remove_prefix(4);
  const std::size_t digits = stem.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || stem[digits] != '.') return std::nullopt;
  const std::string_view name = detail::look_up(detail::gguf_layer_names, stem.substr(digits + 1));
  if (name.empty()) return std::nullopt;
  return std::string{"model.layers."}.append(stem.substr(0, digits)).append(".").append(name).append(kind);
}

}  // namespace ingot::checkpoint
