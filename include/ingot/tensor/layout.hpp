// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/tensor/layout.hpp: where an element lies, as a pure index map that is tested without a kernel.

#include <concepts>
#include <cstddef>
#include <utility>

#include <ingot/core/checked.hpp>
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

/// Four-bit codes as the VNNI kernels read them; positions count half bytes, low half first. A panel is 16 rows, a line of 64
/// bytes is 16 rows by 8 columns: byte j of row i holds column j in its low and column j + 4 in its high half, j < 4, so one
/// load, one `and` and one shift give two operands. Rows are padded to panels, columns to lines.
template <class E>
requires(E::rank == 2) class N16K8 {
 public:
  static constexpr std::size_t panel_rows = 16, line_columns = 8;

  constexpr N16K8() noexcept = default;
  constexpr explicit N16K8(E extents) noexcept : extents_{extents} {}

  [[nodiscard]] constexpr const E& extents() const noexcept { return extents_; }
  [[nodiscard]] constexpr std::size_t span_size() const noexcept {
    return round_up(extents_.extent(0), panel_rows) * round_up(extents_.extent(1), line_columns);
  }
  [[nodiscard]] constexpr std::size_t operator()(std::size_t row, std::size_t column) const noexcept {
    const std::size_t lines = divide_up(extents_.extent(1), line_columns);
    const std::size_t line = row / panel_rows * lines + column / line_columns;
    const std::size_t byte = row % panel_rows * 4 + column % 4;
    return (line * 64 + byte) * 2 + column % line_columns / 4;
  }

 private:
  [[no_unique_address]] E extents_;
};

static_assert(Layout<RowMajor<Extents<dynamic, 4>>> && Layout<N16K8<Extents<dynamic, dynamic>>>);

}  // namespace ingot
