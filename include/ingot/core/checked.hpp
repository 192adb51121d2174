// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/checked.hpp: integer arithmetic on sizes that come from files.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ingot {

/// a + b, or nothing when it does not fit.
template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> checked_add(T a, T b) noexcept {
  const T sum = static_cast<T>(a + b);
  return sum < a ? std::nullopt : std::optional<T>{sum};
}

/// a * b, or nothing when it does not fit.
template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> checked_mul(T a, T b) noexcept {
  if (a != 0 && b > static_cast<T>(-1) / a) return std::nullopt;
  return static_cast<T>(a * b);
}

/// The smallest multiple of `unit` that is >= value; the caller knows that it fits.
[[nodiscard]] constexpr std::size_t round_up(std::size_t value, std::size_t unit) noexcept { return (value + unit - 1) / unit * unit; }

[[nodiscard]] constexpr std::size_t divide_up(std::size_t value, std::size_t unit) noexcept { return (value + unit - 1) / unit; }

}  // namespace ingot
