// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/config_reader.hpp: Hugging Face config.json and llm_config.json: what all families have in common.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/core/json.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/layer_reader.hpp>
#include <ingot/model/rope_reader.hpp>

namespace ingot::model {

/// Upper limits of what a config may claim: far above any real model, low enough that products fit 64 bits.
inline constexpr std::uint32_t max_layers = 4096, max_heads = 4096, max_head_dim = 4096, max_width = 1u << 20, max_vocabulary = 1u << 24;

/// How a family writes its config: the names of keys, and what its class of transformers assumes where a key is absent.
struct Dialect {
  std::string_view hidden = "hidden_size", layers = "num_hidden_layers", heads = "num_attention_heads", kv_heads = "num_key_value_heads",
                   head_dim = "head_dim", intermediate = "intermediate_size", vocabulary = "vocab_size", eps = "rms_norm_eps",
                   positions = "max_position_embeddings", activation = "hidden_act";
  /// 0: the key must be there; kv_heads 0: as many as heads; head_dim 0: hidden / heads.
  Shape defaults{};
  float default_eps = 1e-6f;
  std::uint32_t default_positions = 2048;
  std::string_view default_activation = "silu";
  bool default_tied = false;
  RopeDefaults rope{};
};

/// What Llama's class assumes: configs inside the config of a multimodal model leave it out.
inline constexpr Shape llama_defaults{.hidden = 4096, .layers = 32, .heads = 32, .intermediate = 11008, .vocabulary = 32000};

/// An activation by its name in transformers (`activations.py`, ACT2FN). Errors: unsupported.
inline Result<Activation> activation_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Activation>, 10> known{{
      {"silu", Activation::silu},
      {"swish", Activation::silu},
      {"gelu", Activation::gelu},
      {"gelu_python", Activation::gelu},
      {"gelu_pytorch_tanh", Activation::gelu_tanh},
      {"gelu_new", Activation::gelu_tanh},
      {"gelu_fast", Activation::gelu_tanh},
      {"gelu_python_tanh", Activation::gelu_tanh},
      {"relu", Activation::relu},
      {"quick_gelu", Activation::quick_gelu},
  }};
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry.first == name; });
  if (found != known.end()) return found->second;
  return Error{ErrorCode::unsupported, "activation \"" + std::string{name.substr(0, 60)} + "\" is not supported", "config.json", {}};
}

/// A finite number as a float. Errors: damaged.
inline Result<float> read_number(const json::Value& root, std::string_view key, float fallback) {
  INGOT_TRY(const auto value, root.get<float>(key, fallback));
  if (!std::isfinite(value)) return root.problem("value out of range for", key);
  return value;
}

/// A positive, finite number as a float. Errors: damaged.
inline Result<float> read_positive(const json::Value& root, std::string_view key, float fallback) {
  INGOT_TRY(const float value, read_number(root, key, fallback));
  if (!(value > 0)) return root.problem("value out of range for", key);
  return value;
}

/// The cap of a soft cap: `fallback` where the key is absent, 0 (none) where it is null. Errors: damaged.
inline Result<float> read_cap(const json::Value& root, std::string_view key, float fallback) {
  if (is_none(root, key) || (!root.find(key) && fallback == 0)) return 0.0f;
  return read_positive(root, key, fallback);
}

/// Adds the end tokens of a config.json or generation_config.json (`eos_token_id`: an integer or a list) to `config.eos`.
inline Status read_end_tokens(const json::Value& root, Config& config) {
  const auto ends = root.find("eos_token_id");
  if (!ends) return {};
  const auto add = [&](const json::Value& value) -> Status {
    INGOT_TRY(const auto id, value.as<std::int32_t>("eos_token_id"));
    if (id >= 0 && std::find(config.eos.begin(), config.eos.end(), id) == config.eos.end()) config.eos.push_back(id);
    return {};
  };
  return ends->is_array() ? ends->each_element(add) : add(*ends);
}

/// The part of a multimodal model's config that is its language model, or `root` where it is one already.
inline json::Value text_config(const json::Value& root) {
  for (const std::string_view key : {"text_config", "language_config", "llm_config"})
    if (const auto inner = root.find(key); inner && inner->is_object()) return *inner;
  return root;
}

/// Which family reads a config: its model_type, of a multimodal model that of the language model inside, and where one model_type
/// names several graphs a name of ours. Errors: damaged (there is none).
inline Result<std::string> model_type_of(const json::Value& root) {
  const json::Value text = text_config(root);
  INGOT_TRY(const auto outer, root.get<std::string>("model_type"));
  INGOT_TRY(auto type, text.get<std::string>("model_type", outer));
  if (type == "chatglm" && text.find("inner_hidden_size")) return std::string{"chatglm-6b"};  // its successors say ffn_hidden_size
  if (type == "deepseek_v3") {
    INGOT_TRY(const bool adjacent, text.get<bool>("rope_interleave", true));
    if (!adjacent) return std::string{"deepseek_v3-halves"};
  }
  return type;
}

/// The config of a decoder whose layers are alike, rotate by one rope and have neither windows nor experts. Errors: damaged (missing or
/// absurd numbers), unsupported (an activation or scaling we lack).
inline Result<Config> read_config(const json::Value& whole, const Dialect& dialect = {}) {
  const json::Value root = text_config(whole);
  Config config;
  Shape& shape = config.shape;
  const Shape& absent = dialect.defaults;
  config.tied = dialect.default_tied;
  INGOT_TRY(config.model_type, model_type_of(whole));
  INGOT_TRY(shape.hidden, read_count(root, dialect.hidden, max_width, absent.hidden));
  INGOT_TRY(shape.layers, read_count(root, dialect.layers, max_layers, absent.layers));
  INGOT_TRY(shape.heads, read_count(root, dialect.heads, max_heads, absent.heads));
  const bool all_heads = absent.kv_heads == 0 || is_none(root, dialect.kv_heads);
  INGOT_TRY(shape.kv_heads, read_count(root, dialect.kv_heads, max_heads, all_heads ? shape.heads : absent.kv_heads));
  if (shape.heads % shape.kv_heads != 0) return root.problem("must divide the attention heads:", dialect.kv_heads);
  const std::uint32_t divided = absent.head_dim == 0 || is_none(root, dialect.head_dim) ? shape.hidden / shape.heads : absent.head_dim;
  INGOT_TRY(shape.head_dim, read_count(root, dialect.head_dim, max_head_dim, divided));
  INGOT_TRY(shape.intermediate, read_count(root, dialect.intermediate, max_width, absent.intermediate));
  INGOT_TRY(shape.vocabulary, read_count(root, dialect.vocabulary, max_vocabulary, absent.vocabulary));
  INGOT_TRY(config.norm_eps, read_number(root, dialect.eps, dialect.default_eps));
  if (!(config.norm_eps >= 0 && config.norm_eps < 1)) return root.problem("value out of range for", dialect.eps);
  INGOT_TRY(config.max_positions, read_count(root, dialect.positions, detail::max_positions_read, dialect.default_positions));
  for (const json::Value& part : {root, whole}) {  // what concerns the vocabulary may stand outside
    INGOT_TRY(config.tied, part.get<bool>("tie_word_embeddings", config.tied));
    INGOT_TRY(config.bos, part.get<std::int32_t>("bos_token_id", config.bos));
    INGOT_CHECK(read_end_tokens(part, config));
  }
  INGOT_TRY(const auto activation, root.get<std::string>(dialect.activation, std::string{dialect.default_activation}));
  INGOT_TRY(config.activation, activation_of(activation));
  INGOT_TRY(const auto parameters, rope_parameters(root));
  INGOT_TRY(RopeConfig rope, read_rope(root, parameters, shape.head_dim, config.max_positions, dialect.rope));
  config.ropes.push_back(std::move(rope));
  config.layers.assign(shape.layers, Layer{});
  return config;
}

}  // namespace ingot::model
