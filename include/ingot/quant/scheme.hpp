// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/scheme.hpp: how a matrix is stored, as one value that templates take as an argument.

#include <cstddef>
#include <cstdint>
#include <string>

#include <ingot/core/config.hpp>

namespace ingot::quant {

/// How the bits of one weight are read.
enum class Element : std::uint8_t {
  integer,  ///< unsigned code, dequantized by the group's scale and zero
  ieee,     ///< binary16 or binary32, no scale
  brain,    ///< bfloat16, no scale
};

/// What code stands for zero.
enum class Zero : std::uint8_t {
  none,  ///< symmetric: w = scale * (code - 2^(bits-1))
  min,   ///< asymmetric: w = scale * code + min
};

/// How a group's scale (and min) is stored.
enum class Scale : std::uint8_t {
  half,    ///< one binary16 each
  single,  ///< one binary32 each: for weights whose scales or mins binary16 cannot hold
  nested,  ///< 8 bits a group times one binary16 for 256 columns, as the K-quants of GGUF: scale = d * s, min = -d_min * m
};

enum class Sparsity : std::uint8_t { dense, two_of_four };

/// Storage of a weight matrix. The value is a template argument (class-type NTTP): a new format is one new constant,
/// its codec and its dot step.
struct Scheme {
  std::uint8_t bits = 4;     ///< of one weight: 2, 3, 4, 5, 6, 8, 16, 32
  std::uint16_t group = 64;  ///< consecutive weights of a row that share a scale; 0: the whole row
  Zero zero = Zero::none;
  Scale scale = Scale::half;
  Sparsity sparsity = Sparsity::dense;
  Element element = Element::integer;

  /// Inlined always: a translation unit compiled for one ISA must not share its copy with the others.
  friend INGOT_INLINE constexpr bool operator==(const Scheme&, const Scheme&) = default;

  [[nodiscard]] constexpr bool is_integer() const noexcept { return element == Element::integer; }
  /// The code that stands for 0: 2^(bits-1) for symmetric schemes, 0 where a min is stored.
  [[nodiscard]] constexpr std::int32_t zero_point() const noexcept { return zero == Zero::none ? std::int32_t{1} << (bits - 1) : 0; }
};

inline constexpr Scheme f32{.bits = 32, .group = 0, .element = Element::ieee};
inline constexpr Scheme f16{.bits = 16, .group = 0, .element = Element::ieee};
inline constexpr Scheme bf16{.bits = 16, .group = 0, .element = Element::brain};

/// `int4-g64`, `int4-g32-min-nested`, `int8-channel`, `bf16`: the name in packages and messages.
[[nodiscard]] inline std::string to_string(const Scheme& s) {
  if (!s.is_integer()) return (s.element == Element::brain ? "bf" : "f") + std::to_string(s.bits);
  std::string name = "int" + std::to_string(s.bits) + (s.group == 0 ? "-channel" : "-g" + std::to_string(s.group));
  if (s.zero == Zero::min) name += "-min";
  if (s.scale == Scale::nested) name += "-nested";
  if (s.scale == Scale::single) name += "-f32";
  if (s.sparsity == Sparsity::two_of_four) name += "-2of4";
  return name;
}

}  // namespace ingot::quant

namespace ingot {
using quant::Scheme;
using quant::Zero;
}  // namespace ingot
