// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/rope_reader.hpp: rotary embeddings of a config.json, in the dialects of transformers 4 and 5.

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/model/config.hpp>

namespace ingot::model {

/// What a family's class of transformers assumes where a config says nothing.
struct RopeDefaults {
  double theta = 10000;
  double partial = 1;                    ///< share of a head that turns
  bool own_theta = false;                ///< the config's `rope_theta` is that of another rope
  bool yarn_is_longrope = false;         ///< the first Phi-3 configs say "su" or "yarn" and mean longrope
  std::uint32_t original_positions = 0;  ///< context before scaling; 0: the config's positions
};

namespace detail {

inline constexpr std::uint32_t max_rotary = 4096, max_positions_read = 1u << 30;

/// Divisors of longrope, one a rotated pair.
inline Status read_divisors(const json::Value& parameters, std::string_view key, std::uint32_t pairs, std::vector<float>& divisors) {
  INGOT_TRY(const json::Value list, parameters.at(key));
  if (!list.is_array() || list.size() != pairs) return parameters.problem("one factor for each rotated pair expected in", key);
  return list.each_element([&](const json::Value& value) -> Status {
    INGOT_TRY(const float divisor, value.as<float>(key));
    if (!(divisor > 0) || !std::isfinite(divisor)) return parameters.problem("value out of range in", key);
    divisors.push_back(divisor);
    return {};
  });
}

/// A positive, finite number.
inline Result<double> positive(const json::Value& parameters, std::string_view key, std::optional<double> fallback = {}) {
  INGOT_TRY(const double value, fallback ? parameters.get<double>(key, *fallback) : parameters.get<double>(key));
  if (!(value > 0) || !std::isfinite(value)) return parameters.problem("value out of range for", key);
  return value;
}

/// "rope_type" is the newer name of "type"; multimodal rope of a text alone is the plain one, its three positions being equal.
inline Result<std::string> rope_kind(const json::Value& parameters, const RopeDefaults& defaults) {
  INGOT_TRY(auto kind, parameters.get<std::string>("rope_type", {}));
  if (kind.empty()) {
    INGOT_TRY(kind, parameters.get<std::string>("type", "default"));
  }
  if (kind == "mrope") return std::string{"default"};
  if (defaults.yarn_is_longrope && (kind == "su" || kind == "yarn")) return std::string{"longrope"};
  return kind;
}

/// The scaling that `parameters` asks for; theta, rotary and original_positions are set.
inline Status read_scaling(const json::Value& parameters, const RopeDefaults& defaults, std::uint32_t max_positions, RopeConfig& rope) {
  const json::Value& p = parameters;
  INGOT_TRY(const std::string kind, rope_kind(p, defaults));
  if (kind == "default") return {};
  const auto alpha = p.find("alpha");
  if (kind == "dynamic" && alpha) {  // Hunyuan: a larger base from the first token on, whatever the length
    INGOT_TRY(const double growth, positive(p, "alpha"));
    if (rope.rotary <= 2) return p.problem("too few rotated dimensions for", "alpha");
    rope.theta *= std::pow(growth, static_cast<double>(rope.rotary) / (rope.rotary - 2));
    return {};
  }
  if (kind != "linear" && kind != "dynamic" && kind != "llama3" && kind != "yarn" && kind != "longrope")
    return Error{ErrorCode::unsupported, "rope scaling \"" + kind.substr(0, 60) + "\" is not supported", "config.json", {}};
  const bool by_contexts = kind == "yarn" || kind == "longrope";  // without a factor: how much longer the context became
  const double ratio = static_cast<double>(max_positions) / rope.original_positions;
  INGOT_TRY(rope.factor, positive(p, "factor", by_contexts ? std::optional<double>{ratio} : std::nullopt));
  if (kind == "linear") {
    rope.scaling = RopeScaling::linear;
  } else if (kind == "dynamic") {
    rope.scaling = RopeScaling::dynamic;
    rope.original_positions = max_positions;  // the reference looks at no other key here
    if (rope.rotary <= 2) return p.problem("too few rotated dimensions for dynamic", "factor");
    if (rope.factor < 1) return p.problem("value out of range for", "factor");
  } else if (kind == "llama3") {
    rope.scaling = RopeScaling::llama3;
    INGOT_TRY(rope.low_frequency_factor, positive(p, "low_freq_factor"));
    INGOT_TRY(rope.high_frequency_factor, positive(p, "high_freq_factor"));
    if (!(rope.high_frequency_factor > rope.low_frequency_factor)) return p.problem("value out of range for", "high_freq_factor");
  } else if (kind == "yarn") {
    rope.scaling = RopeScaling::yarn;
    if (rope.theta <= 1) return p.problem("value out of range for", "rope_theta");  // its logarithm divides
    INGOT_TRY(rope.beta_fast, p.get<double>("beta_fast", 32.0));
    INGOT_TRY(rope.beta_slow, p.get<double>("beta_slow", 1.0));
    if (rope.beta_fast == 0) rope.beta_fast = 32;  // the reference reads 0 as not given
    if (rope.beta_slow == 0) rope.beta_slow = 1;
    if (!(rope.beta_fast > 0 && rope.beta_slow > 0)) return p.problem("value out of range for", "beta_fast and beta_slow");
    INGOT_TRY(rope.attention_factor, p.get<double>("attention_factor", 0.0));
    INGOT_TRY(rope.mscale, p.get<double>("mscale", 0.0));
    INGOT_TRY(rope.mscale_all_dim, p.get<double>("mscale_all_dim", 0.0));
    INGOT_TRY(rope.truncate, p.get<bool>("truncate", true));
  } else {
    rope.scaling = RopeScaling::longrope;
    if (rope.original_positions < 2) return p.problem("value out of range for", "original_max_position_embeddings");
    INGOT_TRY(rope.attention_factor, p.get<double>("attention_factor", 0.0));
    INGOT_CHECK(read_divisors(p, "short_factor", rope.rotary / 2, rope.short_factor));
    INGOT_CHECK(read_divisors(p, "long_factor", rope.rotary / 2, rope.long_factor));
  }
  return {};
}

}  // namespace detail

/// One rotary embedding. `parameters`: its keys, where the config has such an object; `root`: the config, whose keys of the same
/// names (rope_theta, partial_rotary_factor, original_max_position_embeddings) serve otherwise. `head_dim`: what the share that
/// turns is taken of. Errors: damaged, unsupported (a scaling we lack).
inline Result<RopeConfig> read_rope(const json::Value& root, const std::optional<json::Value>& parameters, std::uint32_t head_dim,
                                    std::uint32_t max_positions, const RopeDefaults& defaults = {}) {
  RopeConfig rope;
  rope.theta = defaults.theta;
  if (!defaults.own_theta) {
    INGOT_TRY(rope.theta, detail::positive(root, "rope_theta", defaults.theta));
  }
  INGOT_TRY(double partial, root.get<double>("partial_rotary_factor", defaults.partial));
  if (parameters) {
    INGOT_TRY(rope.theta, detail::positive(*parameters, "rope_theta", rope.theta));
    INGOT_TRY(partial, parameters->get<double>("partial_rotary_factor", partial));
  }
  if (!(partial > 0 && partial <= 1)) return root.problem("value out of range for", "partial_rotary_factor");
  rope.rotary = static_cast<std::uint32_t>(head_dim * partial);
  if (rope.rotary == 0 || rope.rotary % 2 != 0 || rope.rotary > detail::max_rotary)
    return root.problem("an odd number of rotated dimensions follows from", "head_dim");
  rope.original_positions = max_positions;
  if (!parameters) return rope;
  // transformers 5 prefers the config's own key (configuration of Phi-3) to that of the scaling
  const json::Value& owner = root.find("original_max_position_embeddings") ? root : *parameters;
  const std::uint32_t assumed = defaults.original_positions == 0 ? max_positions : defaults.original_positions;
  INGOT_TRY(rope.original_positions, owner.get<std::uint32_t>("original_max_position_embeddings", assumed));
  if (rope.original_positions == 0 || rope.original_positions > detail::max_positions_read)
    return root.problem("value out of range for", "original_max_position_embeddings");
  INGOT_CHECK(detail::read_scaling(*parameters, defaults, max_positions, rope));
  if (!std::isfinite(rope.theta)) return root.problem("value out of range for", "rope_theta");
  return rope;
}

/// The object that describes rope: `rope_scaling` (transformers 4), else `rope_parameters` (5). As transformers does it, an empty
/// rope_scaling is none. Errors: damaged (neither an object nor null).
inline Result<std::optional<json::Value>> rope_parameters(const json::Value& root) {
  for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
    const auto found = root.find(key);
    if (!found) continue;
    if (!found->is_object()) return root.problem("expected an object for", key);
    if (found->size() > 0) return found;
  }
  return std::optional<json::Value>{};
}

}  // namespace ingot::model
