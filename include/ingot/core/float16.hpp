// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/float16.hpp: 16-bit storage types and their exact conversion to and from float.

#include <bit>
#include <cstdint>

namespace ingot {

/// IEEE 754 binary16, storage only.
struct f16 {
  std::uint16_t bits = 0;
  friend bool operator==(f16, f16) = default;
};

/// The upper half of an IEEE 754 binary32, storage only.
struct bf16 {
  std::uint16_t bits = 0;
  friend bool operator==(bf16, bf16) = default;
};
static_assert(sizeof(f16) == 2 && sizeof(bf16) == 2, "on-disk layout");

/// Exact; NaN payloads are kept.
[[nodiscard]] constexpr float to_float(f16 h) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(h.bits & 0x8000u) << 16;
  const std::uint32_t exponent = (h.bits >> 10) & 31u, fraction = h.bits & 0x3ffu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;  // subnormal, exact in float
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
}

[[nodiscard]] constexpr float to_float(bf16 b) noexcept { return std::bit_cast<float>(static_cast<std::uint32_t>(b.bits) << 16); }

/// Round to nearest, ties to even; overflow gives infinity, NaN stays NaN.
[[nodiscard]] constexpr f16 to_f16(float value) noexcept {
  const std::uint32_t u = std::bit_cast<std::uint32_t>(value), magnitude = u & 0x7fffffffu;
  const auto sign = static_cast<std::uint16_t>((u >> 16) & 0x8000u);
  const auto make = [sign](std::uint32_t m) { return f16{static_cast<std::uint16_t>(sign | m)}; };
  if (magnitude > 0x7f800000u) return make(0x7e00u | ((magnitude >> 13) & 0x3ffu));
  if (magnitude >= 0x477ff000u) return make(0x7c00u);                // >= 65520 rounds to infinity
  if (magnitude < 0x38800000u) {                                     // below 2^-14: subnormal
    const float scaled = std::bit_cast<float>(magnitude) + 0x1p-1f;  // ulp(0.5) = 2^-24: adder rounds
    return make(std::bit_cast<std::uint32_t>(scaled) - std::bit_cast<std::uint32_t>(0x1p-1f));
  }
  const std::uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return make((rounded >> 13) - (112u << 10));
}

[[nodiscard]] constexpr bf16 to_bf16(float value) noexcept {
  const std::uint32_t u = std::bit_cast<std::uint32_t>(value);
  if ((u & 0x7fffffffu) > 0x7f800000u) return {static_cast<std::uint16_t>(u >> 16 | 0x40u)};
  return {static_cast<std::uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16)};
}

/// Whether an f16 holds this value, which is finite.
[[nodiscard]] constexpr bool is_exact_f16(float value) noexcept {
  const f16 half = to_f16(value);
  return (half.bits & 0x7c00u) != 0x7c00u && to_float(half) == value;
}

}  // namespace ingot
