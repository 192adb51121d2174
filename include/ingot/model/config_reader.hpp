// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/config_reader.hpp: Hugging Face config.json (both dialects, transformers 4 and 5) and llm_config.json.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/model/config.hpp>

namespace ingot::model {

/// Upper limits of what a config may claim: far above any real model, low enough that products fit 64 bits.
inline constexpr std::uint32_t max_layers = 4096, max_heads = 4096, max_width = 1u << 20, max_vocabulary = 1u << 24;

namespace detail {

inline Result<std::uint32_t> count(const json::Value& root, std::string_view key, std::uint32_t limit) {
  INGOT_TRY(const auto value, root.get<std::uint32_t>(key));
  if (value == 0 || value > limit) return root.problem("value out of range for", key);
  return value;
}

inline Status read_divisors(const json::Value& root, std::string_view key, std::vector<float>& divisors) {
  INGOT_TRY(const json::Value list, root.at(key));
  if (list.size() > max_width) return root.problem("too many values in", key);
  return list.each_element([&](const json::Value& value) -> Status {
    INGOT_TRY(const float divisor, value.as<float>(key));
    if (!(divisor > 0)) return root.problem("value out of range in", key);
    divisors.push_back(divisor);
    return {};
  });
}

inline Status read_rope(const json::Value& root, Config& config) {
  RopeConfig& rope = config.rope;
  auto parameters = root.find("rope_parameters");  // transformers 5; before it: rope_theta beside an optional rope_scaling
  if (!parameters) parameters = root.find("rope_scaling");
  INGOT_TRY(rope.theta, root.get<double>("rope_theta", rope.theta));
  INGOT_TRY(double partial, root.get<double>("partial_rotary_factor", 1.0));
  rope.original_positions = config.max_positions;
  if (parameters) {
    const json::Value& p = *parameters;
    INGOT_TRY(rope.theta, p.get<double>("rope_theta", rope.theta));
    INGOT_TRY(partial, p.get<double>("partial_rotary_factor", partial));
    INGOT_TRY(std::string kind, p.get<std::string>("rope_type", {}));
    if (kind.empty()) {
      INGOT_TRY(kind, p.get<std::string>("type", "default"));
    }
    INGOT_TRY(rope.original_positions, p.get<std::uint32_t>("original_max_position_embeddings", config.max_positions));
    const bool by_contexts = kind == "yarn" || kind == "longrope";  // without a factor: how much longer the context became
    INGOT_TRY(rope.factor, p.get<double>("factor", by_contexts ? static_cast<double>(config.max_positions) / rope.original_positions : 1));
    if (kind == "linear") {
      rope.scaling = RopeScaling::linear;
    } else if (kind == "dynamic") {
      rope.scaling = RopeScaling::dynamic;
      rope.original_positions = config.max_positions;  // the reference ignores the key here
    } else if (kind == "llama3") {
      rope.scaling = RopeScaling::llama3;
      INGOT_TRY(rope.low_frequency_factor, p.get<double>("low_freq_factor"));
      INGOT_TRY(rope.high_frequency_factor, p.get<double>("high_freq_factor"));
    } else if (kind == "yarn") {
      rope.scaling = RopeScaling::yarn;
      INGOT_TRY(rope.beta_fast, p.get<double>("beta_fast", 32.0));
      INGOT_TRY(rope.beta_slow, p.get<double>("beta_slow", 1.0));
      INGOT_TRY(rope.attention_factor, p.get<double>("attention_factor", 0.0));
      INGOT_TRY(rope.mscale, p.get<double>("mscale", 0.0));
      INGOT_TRY(rope.mscale_all_dim, p.get<double>("mscale_all_dim", 0.0));
      INGOT_TRY(rope.truncate, p.get<bool>("truncate", true));
    } else if (kind == "longrope") {
      rope.scaling = RopeScaling::longrope;
      INGOT_TRY(rope.attention_factor, p.get<double>("attention_factor", 0.0));
      INGOT_CHECK(read_divisors(p, "short_factor", rope.short_factor));
      INGOT_CHECK(read_divisors(p, "long_factor", rope.long_factor));
    } else if (kind != "default") {
      return Error{ErrorCode::unsupported, "rope scaling \"" + kind + "\" is not supported", "config.json", {}};
    }
  }
  const bool scales = rope.scaling != RopeScaling::none;
  if (!(rope.theta > 0) || !(partial > 0 && partial <= 1) || (scales && (!(rope.factor > 0) || rope.original_positions == 0)))
    return root.problem("value out of range for", "rope_scaling");
  if (rope.scaling == RopeScaling::llama3 && !(rope.high_frequency_factor > rope.low_frequency_factor))
    return root.problem("value out of range for", "high_freq_factor");
  rope.rotary = static_cast<std::uint32_t>(config.shape.head_dim * partial);
  if (rope.rotary == 0 || rope.rotary % 2 != 0) return root.problem("an odd number of rotated dimensions follows from", "head_dim");
  if (rope.scaling == RopeScaling::longrope && (rope.short_factor.size() != rope.rotary / 2 || rope.long_factor.size() != rope.rotary / 2))
    return root.problem("one factor for each rotated pair expected in", "rope_scaling");
  return {};
}

}  // namespace detail

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

/// Sliding windows of the Qwen families: with use_sliding_window, by `layer_types` where given, else from layer max_window_layers on.
inline Status read_windows(const json::Value& root, Config& config) {
  const std::uint32_t layers = config.shape.layers;
  INGOT_TRY(const auto window, root.get<std::uint32_t>("sliding_window", 0));
  INGOT_TRY(const bool used, root.get<bool>("use_sliding_window", false));
  if (window == 0 || !used) return {};
  if (const auto types = root.find("layer_types")) {
    if (types->size() != layers) return root.problem("one entry a layer expected in", "layer_types");
    std::size_t layer = 0;
    return types->each_element([&](const json::Value& value) -> Status {
      INGOT_TRY(const auto type, value.as<std::string_view>("layer_types"));
      if (type == "sliding_attention") {
        config.window[layer] = window;
      } else if (type != "full_attention") {
        return Error{ErrorCode::unsupported, "layer type \"" + std::string{type} + "\" is not supported", "config.json", {}};
      }
      ++layer;
      return {};
    });
  }
  INGOT_TRY(const auto first, root.get<std::uint32_t>("max_window_layers", 28));
  for (std::uint32_t layer = first; layer < layers; ++layer) config.window[layer] = window;
  return {};
}

/// The config of a Llama-like decoder, without windows. Errors: damaged (missing or absurd numbers), unsupported (an activation or scaling
/// we lack).
inline Result<Config> read_config(const json::Value& root) {
  Config config;
  Shape& shape = config.shape;
  INGOT_TRY(config.model_type, root.get<std::string>("model_type"));
  INGOT_TRY(shape.hidden, detail::count(root, "hidden_size", max_width));
  INGOT_TRY(shape.layers, detail::count(root, "num_hidden_layers", max_layers));
  INGOT_TRY(shape.heads, detail::count(root, "num_attention_heads", max_heads));
  INGOT_TRY(shape.kv_heads, root.get<std::uint32_t>("num_key_value_heads", shape.heads));
  INGOT_TRY(shape.head_dim, root.get<std::uint32_t>("head_dim", shape.hidden / shape.heads));
  INGOT_TRY(shape.intermediate, detail::count(root, "intermediate_size", max_width));
  INGOT_TRY(shape.vocabulary, detail::count(root, "vocab_size", max_vocabulary));
  if (shape.kv_heads == 0 || shape.heads % shape.kv_heads != 0)
    return root.problem("must divide num_attention_heads:", "num_key_value_heads");
  if (shape.head_dim == 0 || shape.head_dim > 4096) return root.problem("value out of range for", "head_dim");
  INGOT_TRY(config.norm_eps, root.get<float>("rms_norm_eps", 1e-6f));
  if (!(config.norm_eps >= 0 && config.norm_eps < 1)) return root.problem("value out of range for", "rms_norm_eps");
  INGOT_TRY(config.max_positions, root.get<std::uint32_t>("max_position_embeddings", 2048));
  INGOT_TRY(config.tied, root.get<bool>("tie_word_embeddings", false));
  INGOT_TRY(config.bos, root.get<std::int32_t>("bos_token_id", -1));
  INGOT_TRY(const auto activation, root.get<std::string>("hidden_act", "silu"));
  if (activation != "silu" && activation != "swish")
    return Error{ErrorCode::unsupported, "activation \"" + activation + "\" is not supported", "config.json", {}};
  INGOT_CHECK(read_end_tokens(root, config));
  INGOT_CHECK(detail::read_rope(root, config));
  config.window.assign(shape.layers, 0);
  return config;
}

}  // namespace ingot::model
