// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/tensor/extents.hpp: the shape of a tensor; each dimension is known to the compiler or to the checkpoint.

#include <array>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace ingot {

/// A dimension that is known at run time only.
inline constexpr std::size_t dynamic = std::dynamic_extent;

/// Static ones cost no storage: Extents<dynamic, 64> holds one number. After std::extents (P0009).
template <std::size_t... Static>
class Extents {
 public:
  static constexpr std::size_t rank = sizeof...(Static);
  static constexpr std::size_t dynamic_rank = (std::size_t{Static == dynamic} + ... + 0);

  constexpr Extents() noexcept = default;
  /// One value for each dynamic dimension, outermost first.
  template <std::convertible_to<std::size_t>... Values>
  requires(sizeof...(Values) == dynamic_rank && dynamic_rank > 0) constexpr explicit Extents(Values... values) noexcept
      : dynamic_{static_cast<std::size_t>(values)...} {}

  [[nodiscard]] static constexpr std::size_t static_extent(std::size_t dimension) noexcept { return static_[dimension]; }
  [[nodiscard]] constexpr std::size_t extent(std::size_t dimension) const noexcept {
    assert(dimension < rank);
    if constexpr (dynamic_rank != 0) {
      std::size_t before = 0;
      for (std::size_t i = 0; i < dimension; ++i) before += static_[i] == dynamic;
      if (static_[dimension] == dynamic) return dynamic_[before];
    }
    return static_[dimension];
  }
  /// Product of all dimensions; 1 for rank 0. The caller knows that it fits.
  [[nodiscard]] constexpr std::size_t elements() const noexcept {
    std::size_t product = 1;
    for (std::size_t i = 0; i < rank; ++i) product *= extent(i);
    return product;
  }

  template <std::size_t... Other>
  requires(sizeof...(Other) == rank) [[nodiscard]] friend constexpr bool operator==(const Extents& a, const Extents<Other...>& b) noexcept {
    for (std::size_t i = 0; i < rank; ++i)
      if (a.extent(i) != b.extent(i)) return false;
    return true;
  }

 private:
  static constexpr std::array<std::size_t, rank> static_{Static...};
  struct None {};  // std::array of no elements is not empty
  [[no_unique_address]] std::conditional_t<dynamic_rank == 0, None, std::array<std::size_t, dynamic_rank>> dynamic_{};
};

}  // namespace ingot
