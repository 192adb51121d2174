// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/activation_ranges.hpp: static ranges of activations, from calibration, and the integers that hold them.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <ingot/model/onnx/graph.hpp>

namespace ingot::model::onnx {

/// The smallest and the largest value seen.
struct Range {
  float low = 0, high = 0;

  Range& operator|=(const Range& other) noexcept {
    low = std::min(low, other.low), high = std::max(high, other.high);
    return *this;
  }
  friend bool operator==(const Range&, const Range&) = default;
};

/// Ranges by the place in the graph:
///   the canonical name of a matrix, `model.layers.0.self_attn.q_proj.weight`   what it is multiplied with
///   the same and `:output`                                                      what comes of it
///   `model.layers.0.self_attn.query`, `.key`, `.value`                          what attention multiplies, turned by rope
using ActivationRanges = std::map<std::string, Range, std::less<>>;

/// How activations become integers.
struct ActivationForm {
  std::uint8_t bits = 0;   ///< 8 or 16; 0: they stay floats
  bool symmetric = false;  ///< signed, zero is 0; else unsigned, with the zero that the range asks for

  [[nodiscard]] Type type() const noexcept {
    if (bits == 16) return symmetric ? Type::i16 : Type::u16;
    return symmetric ? Type::i8 : Type::u8;
  }
};

/// value = scale * (code - zero), as QuantizeLinear and DequantizeLinear have it.
struct LinearCode {
  float scale = 1;
  std::int32_t zero = 0;
};

/// The codes that cover `range` and 0, which is a code: padding must stay exactly 0. Symmetric: scale = max|x| / (2^(bits-1) - 1);
/// else scale = (high - low) / (2^bits - 1), zero = round(-low / scale).
[[nodiscard]] inline LinearCode code_of(const Range& range, const ActivationForm& form) noexcept {
  const float low = std::min(range.low, 0.0f), high = std::max(range.high, 0.0f);
  const auto steps = static_cast<float>((1 << (form.symmetric ? form.bits - 1 : form.bits)) - 1);
  LinearCode code;
  code.scale = form.symmetric ? std::max(-low, high) / steps : (high - low) / steps;
  if (!(code.scale > 0)) return {};  // nothing but 0 was seen (or less than floats tell from it)
  if (!form.symmetric) code.zero = static_cast<std::int32_t>(std::clamp(std::nearbyint(-low / code.scale), 0.0f, steps));
  return code;
}

}  // namespace ingot::model::onnx
