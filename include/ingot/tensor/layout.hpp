// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/tensor/layout.hpp: where an element lies, as a pure index map that is tested without a kernel.

#include <concepts>
#include <cstddef>
#include <utility>

#include <ingot/tensor/extents.hpp>

namespace ingot {

/// A map from indices to positions in [0, span_size()).
template <class L>
concept Layout = requires(const L& layout) {
  { layout.extents().extent(0) } -> std::same_as<std::size_t>;
  { layout.span_size() } -> std::same_as<std::size_t>;
};

/// The last index moves fastest.
template <class E>
class RowMajor {
 public:
  constexpr RowMajor() noexcept = default;
  constexpr explicit RowMajor(E extents) noexcept : extents_{extents} {}

  [[nodiscard]] constexpr const E& extents() const noexcept { return extents_; }
  [[nodiscard]] constexpr std::size_t span_size() const noexcept { return extents_.elements(); }
  template <std::convertible_to<std::size_t>... Index>
  requires(sizeof...(Index) == E::rank) [[nodiscard]] constexpr std::size_t operator()(Index... index) const noexcept {
    std::size_t position = 0, dimension = 0;
    ((position = position * extents_.extent(dimension++) + static_cast<std::size_t>(index)), ...);
    return position;
  }

 private:
  [[no_unique_address]] E extents_;
};

/// A matrix whose rows begin `stride` elements apart, so that each begins on a cache line.
class PaddedRows {
 public:
  constexpr PaddedRows() noexcept = default;
  /// stride >= columns
  constexpr PaddedRows(std::size_t rows, std::size_t columns, std::size_t stride) noexcept : extents_{rows, columns}, stride_{stride} {}

  [[nodiscard]] constexpr const Extents<dynamic, dynamic>& extents() const noexcept { return extents_; }
  [[nodiscard]] constexpr std::size_t stride() const noexcept { return stride_; }
  /// The padding behind the last row is not part of it, so that some columns of a matrix are one, too.
  [[nodiscard]] constexpr std::size_t span_size() const noexcept {
    const std::size_t rows = extents_.extent(0);
    return rows == 0 ? 0 : (rows - 1) * stride_ + extents_.extent(1);
  }
  [[nodiscard]] constexpr std::size_t operator()(std::size_t row, std::size_t column) const noexcept { return row * stride_ + column; }

 private:
  Extents<dynamic, dynamic> extents_;
  std::size_t stride_ = 0;
};

static_assert(Layout<RowMajor<Extents<dynamic, 4>>> && Layout<PaddedRows>);

}  // namespace ingot
