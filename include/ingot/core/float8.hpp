// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/float8.hpp: 8-bit storage types of FP8 checkpoints and their exact conversion to float.

#include <bit>
#include <cstdint>

#include <ingot/core/float16.hpp>

namespace ingot {

/// 1 sign, 4 exponent (bias 7), 3 fraction bits; no infinity, S.1111.111 is NaN. "E4M3" of arXiv 2209.05433.
struct f8_e4m3 {
  std::uint8_t bits = 0;
  friend bool operator==(f8_e4m3, f8_e4m3) = default;
};

/// 1 sign, 5 exponent (bias 15), 2 fraction bits, with infinities and NaN as in IEEE 754: the upper half of an f16.
struct f8_e5m2 {
  std::uint8_t bits = 0;
  friend bool operator==(f8_e5m2, f8_e5m2) = default;
};

/// A power of two, 2^(bits - 127), as block scales of the OCP Microscaling formats; 255 is NaN.
struct f8_e8m0 {
  std::uint8_t bits = 0;
  friend bool operator==(f8_e8m0, f8_e8m0) = default;
};
static_assert(sizeof(f8_e4m3) == 1 && sizeof(f8_e5m2) == 1 && sizeof(f8_e8m0) == 1, "on-disk layout");

[[nodiscard]] constexpr float to_float(f8_e5m2 value) noexcept { return to_float(f16{static_cast<std::uint16_t>(value.bits << 8)}); }

[[nodiscard]] constexpr float to_float(f8_e4m3 value) noexcept {
  const std::uint32_t sign = (value.bits & 0x80u) << 24, exponent = (value.bits >> 3) & 15u, fraction = value.bits & 7u;
  if ((value.bits & 0x7fu) == 0x7fu) return std::bit_cast<float>(sign | 0x7fc00000u);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 120) << 23 | fraction << 20);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(static_cast<float>(fraction) * 0x1p-9f) | sign);
}

[[nodiscard]] constexpr float to_float(f8_e8m0 value) noexcept {
  if (value.bits == 0) return 0x1p-127f;  // subnormal
  return std::bit_cast<float>(value.bits == 255 ? 0x7fc00000u : static_cast<std::uint32_t>(value.bits) << 23);
}

}  // namespace ingot
