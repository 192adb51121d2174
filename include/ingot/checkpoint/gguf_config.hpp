// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/gguf_config.hpp: the network that GGUF metadata describes, in the dialect of Hugging Face.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/gguf.hpp>
#include <ingot/checkpoint/gguf_names.hpp>
#include <ingot/core/json_text.hpp>

namespace ingot::checkpoint {

/// What `general.architecture` says, for the architectures whose tensors and configuration we can translate.
struct GgufArchitecture {
  std::string_view name, model_type, hf_class;
  bool rotates_pairs;         ///< q and k rows were permuted at conversion (convert_hf_to_gguf.py, LlamaModel.permute)
  bool tells_attention_bias;  ///< its Hugging Face config has the key attention_bias
};
inline constexpr std::array gguf_architectures{
    GgufArchitecture{"llama", "llama", "LlamaForCausalLM", true, true},
    GgufArchitecture{"qwen2", "qwen2", "Qwen2ForCausalLM", false, false},
    GgufArchitecture{"qwen3", "qwen3", "Qwen3ForCausalLM", false, true},
};

/// Errors: damaged (no architecture), unsupported (one that is not in the table, or a mixture of experts).
[[nodiscard]] inline Result<GgufArchitecture> gguf_architecture(const GgufMetadata& metadata) {
  INGOT_TRY(const auto name, metadata.get<std::string_view>("general.architecture"));
  const auto found = std::find_if(gguf_architectures.begin(), gguf_architectures.end(), [&](const auto& a) { return a.name == name; });
  if (found == gguf_architectures.end())
    return Error{ErrorCode::unsupported, "GGUF architecture " + std::string{name}, metadata.file(), "known are llama, qwen2 and qwen3"};
  INGOT_TRY(const auto experts, metadata.get<std::uint32_t>(std::string{name} + ".expert_count", 0));
  if (experts != 0) return Error{ErrorCode::unsupported, "GGUF architecture " + std::string{name} + " with experts", metadata.file(), {}};
  return *found;
}

/// Rows of one attention head. Errors: damaged (missing, zero, or not dividing the width).
[[nodiscard]] inline Result<std::uint32_t> gguf_head_rows(const GgufMetadata& metadata, const GgufArchitecture& architecture) {
  const std::string prefix = std::string{architecture.name} + ".";
  INGOT_TRY(const auto heads, metadata.get<std::uint32_t>(prefix + "attention.head_count"));
  INGOT_TRY(const auto width, metadata.get<std::uint32_t>(prefix + "embedding_length"));
  if (heads == 0) return metadata.problem("must not be 0", prefix + "attention.head_count");
  INGOT_TRY(const auto rows, metadata.get<std::uint32_t>(prefix + "attention.key_length", width / heads));
  if (rows == 0 || rows % 2 != 0) return metadata.problem("heads of " + std::to_string(rows) + " rows", prefix + "attention.key_length");
  return rows;
}

namespace detail {

/// The constants of Llama 3.1 and later; files in which they differ keep the factors themselves.
inline constexpr double llama3_low = 1, llama3_high = 4, llama3_context = 8192;

/// What a frequency is divided by ("rope_type": "llama3" of transformers, modeling_rope_utils.py).
inline double llama3_divisor(double frequency, double factor) noexcept {
  const double turns = llama3_context * frequency / (2 * std::numbers::pi);
  if (turns < llama3_low) return factor;
  if (turns > llama3_high) return 1;
  const double smooth = (turns - llama3_low) / (llama3_high - llama3_low);
  return 1 / ((1 - smooth) / factor + smooth);
}

/// GGUF keeps Llama 3's scaling as the table of divisors `rope_freqs.weight`. Written back as the rule it came from where
/// that gives the same table; else as longrope with one table for all lengths, which says the same.
inline Result<std::string> rope_table_scaling(const TensorInfo& table, double theta, std::size_t head_rows, std::uint64_t context) {
  if (table.elements() != head_rows / 2) return table.problem(ErrorCode::damaged, "expected one factor for each pair of a head");
  std::vector<float> divisors(table.elements());
  INGOT_CHECK(decode_rows(table, 0, table.rows(), divisors));
  const float factor = *std::max_element(divisors.begin(), divisors.end());
  bool is_llama3 = true;
  std::string list;
  for (std::size_t i = 0; i < divisors.size(); ++i) {
    if (!(divisors[i] > 0 && divisors[i] < 1e9f)) return table.problem(ErrorCode::damaged, "a factor is not a positive number");
    const double frequency = std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(head_rows));
    is_llama3 = is_llama3 && std::abs(llama3_divisor(frequency, factor) / divisors[i] - 1) < 1e-4;
    list.append(i == 0 ? "[" : ",").append(json::number(divisors[i]));
  }
  list += ']';
  json::ObjectText scaling;
  if (is_llama3)
    scaling.add("rope_type", "llama3").add("factor", factor).add("low_freq_factor", llama3_low).add("high_freq_factor", llama3_high);
  else
    scaling.add("rope_type", "longrope").add_raw("short_factor", list).add_raw("long_factor", list).add("attention_factor", 1);
  scaling.add("original_max_position_embeddings", is_llama3 ? static_cast<std::uint64_t>(llama3_context) : context);
  return std::move(scaling).str();
}

/// `rope.scaling.*`; "null" when there is none.
inline Result<std::string> rope_scaling(const GgufMetadata& metadata, const std::string& prefix) {
  INGOT_TRY(const auto type, metadata.get<std::string_view>(prefix + "rope.scaling.type", "none"));
  if (type == "none") return std::string{"null"};
  if (type != "linear" && type != "yarn")
    return Error{ErrorCode::unsupported, "rope scaling " + std::string{type}, metadata.file(), "known are linear and yarn"};
  INGOT_TRY(const auto factor, metadata.get<float>(prefix + "rope.scaling.factor"));
  json::ObjectText scaling;
  scaling.add("rope_type", type).add("factor", factor);
  if (type == "yarn") {
    INGOT_TRY(const auto context, metadata.get<std::uint64_t>(prefix + "rope.scaling.original_context_length"));
    scaling.add("original_max_position_embeddings", context);
  }
  return std::move(scaling).str();
}

inline bool is_query_or_key(std::string_view gguf_name) noexcept {
  for (const std::string_view end : {".attn_q.weight", ".attn_k.weight", ".attn_q.bias", ".attn_k.bias"})
    if (gguf_name.ends_with(end)) return true;
  return false;
}

}  // namespace detail

/// `config.json` as the model would have on Hugging Face. `gguf` has the file's own tensor names. Errors: damaged,
/// unsupported.
[[nodiscard]] inline Result<std::string> gguf_config_json(const Gguf& gguf) {
  const GgufMetadata& metadata = gguf.metadata;
  INGOT_TRY(const auto architecture, gguf_architecture(metadata));
  const std::string prefix = std::string{architecture.name} + ".";
  INGOT_TRY(const auto head_rows, gguf_head_rows(metadata, architecture));
  INGOT_TRY(const auto heads, metadata.get<std::uint32_t>(prefix + "attention.head_count"));
  INGOT_TRY(const auto kv_heads, metadata.get<std::uint32_t>(prefix + "attention.head_count_kv", heads));
  INGOT_TRY(const auto width, metadata.get<std::uint32_t>(prefix + "embedding_length"));
  INGOT_TRY(const auto layers, metadata.get<std::uint32_t>(prefix + "block_count"));
  INGOT_TRY(const auto ff_width, metadata.get<std::uint32_t>(prefix + "feed_forward_length"));
  INGOT_TRY(const auto context, metadata.get<std::uint64_t>(prefix + "context_length"));
  INGOT_TRY(const auto eps, metadata.get<float>(prefix + "attention.layer_norm_rms_epsilon"));
  INGOT_TRY(const auto theta, metadata.get<float>(prefix + "rope.freq_base", 10000.0f));
  INGOT_TRY(const auto rotated, metadata.get<std::uint32_t>(prefix + "rope.dimension_count", head_rows));
  INGOT_TRY(const TensorInfo* embedding, gguf.tensors.at("token_embd.weight"));
  INGOT_TRY(auto scaling, detail::rope_scaling(metadata, prefix));
  if (const TensorInfo* table = gguf.tensors.find("rope_freqs.weight")) {
    INGOT_TRY(scaling, detail::rope_table_scaling(*table, theta, head_rows, context));
  }

  json::ObjectText config;
  config.add_raw("architectures", "[" + json::quoted(architecture.hf_class) + "]").add("model_type", architecture.model_type);
  config.add("hidden_size", width).add("num_hidden_layers", layers).add("intermediate_size", ff_width);
  config.add("num_attention_heads", heads).add("num_key_value_heads", kv_heads).add("head_dim", head_rows);
  config.add("vocab_size", embedding->rows()).add("max_position_embeddings", context).add("hidden_act", "silu");
  config.add("rms_norm_eps", eps).add("rope_theta", theta).add_raw("rope_scaling", scaling);
  if (rotated != head_rows) config.add("partial_rotary_factor", static_cast<double>(rotated) / head_rows);
  config.add("tie_word_embeddings", gguf.tensors.find("output.weight") == nullptr);
  if (architecture.tells_attention_bias) config.add("attention_bias", gguf.tensors.find("blk.0.attn_q.bias") != nullptr);
  if (architecture.rotates_pairs) config.add("mlp_bias", gguf.tensors.find("blk.0.ffn_gate.bias") != nullptr);
  for (const std::string_view token : {"bos", "eos"}) {
    const std::string key = "tokenizer.ggml." + std::string{token} + "_token_id";
    if (metadata.find(key) == nullptr) continue;
    INGOT_TRY(const auto id, metadata.get<std::uint32_t>(key));
    config.add(std::string{token} + "_token_id", id);
  }
  return std::move(config).str();
}

/// `generation_config.json`: the first token, and every token that ends an answer. Errors: damaged.
[[nodiscard]] inline Result<std::string> gguf_generation_config_json(const GgufMetadata& metadata) {
  json::ObjectText config;
  if (metadata.find("tokenizer.ggml.bos_token_id") != nullptr) {
    INGOT_TRY(const auto id, metadata.get<std::uint32_t>("tokenizer.ggml.bos_token_id"));
    config.add("bos_token_id", id);
  }
  std::string ends;
  for (const std::string_view key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
    if (metadata.find(key) == nullptr) continue;
    INGOT_TRY(const auto id, metadata.get<std::uint32_t>(key));
    ends.append(ends.empty() ? "" : ",").append(json::number(id));
  }
  if (!ends.empty()) config.add_raw("eos_token_id", "[" + ends + "]");
  return std::move(config).str();
}

/// The tensors under their Hugging Face names, with the row order undone where conversion changed it. Names without a
/// counterpart stay. Errors: damaged, unsupported.
[[nodiscard]] inline Result<TensorIndex> with_hugging_face_names(TensorIndex&& tensors, const GgufMetadata& metadata) {
  INGOT_TRY(const auto architecture, gguf_architecture(metadata));
  INGOT_TRY(const std::size_t head_rows, gguf_head_rows(metadata, architecture));
  for (const TensorInfo& tensor : tensors) {
    if (!architecture.rotates_pairs || !detail::is_query_or_key(tensor.name)) continue;
    const std::size_t rows = tensor.shape.size() < 2 ? tensor.columns() : tensor.rows();
    if (rows % head_rows != 0) return tensor.problem(ErrorCode::damaged, "its rows are no whole heads of " + std::to_string(head_rows));
  }
  return std::move(tensors).edited([&](TensorInfo& tensor) {
    if (architecture.rotates_pairs && detail::is_query_or_key(tensor.name)) tensor.permutation = {head_rows};
    if (auto name = hugging_face_name(tensor.name)) tensor.name = *std::move(name);
  });
}

}  // namespace ingot::checkpoint
