// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/row_order.hpp: which stored row a row of a matrix is, where a checkpoint fuses, interleaves or permutes.

#include <algorithm>
#include <cstddef>
#include <optional>

namespace ingot::checkpoint {

/// Where row i of a matrix lies in the file. Rows of heads that rotate pairs (2i, 2i+1) are stored so that Hugging Face's
/// row s*h/2 + i of a head of h rows (s = 0, 1) is row 2i + s; 0 stands for the identity.
struct RowPermutation {
  std::size_t head_rows = 0;

  [[nodiscard]] constexpr bool is_identity() const noexcept { return head_rows == 0; }
  [[nodiscard]] constexpr std::size_t operator()(std::size_t row) const noexcept {
    if (head_rows == 0) return row;
    const std::size_t head = row / head_rows, within = row % head_rows, half = head_rows / 2;
    return head * head_rows + within % half * 2 + within / half;
  }
};
static_assert(RowPermutation{}(7) == 7 && RowPermutation{4}(1) == 2 && RowPermutation{4}(6) == 5);

/// Some rows of a stored tensor: blocks of `run` rows, the first at row `first`, each `stride` rows after the one before. A `run`
/// of 0 is one block of all rows. Examples: k of stacked [q; k; v] {q}, the gate of interleaved rows {0, 1, 2}, v of a
/// head's [q; k; v] of h rows each {2h, h, 3h}.
struct RowSelection {
  std::size_t first = 0, run = 0, stride = 0;

  [[nodiscard]] constexpr bool is_identity() const noexcept { return first == 0 && run == 0; }
  [[nodiscard]] constexpr std::size_t operator()(std::size_t row) const noexcept {
    return run == 0 ? first + row : first + row / run * stride + row % run;
  }
  /// How many rows from `row` on, of at most `count`, are neighbours in the file.
  [[nodiscard]] constexpr std::size_t neighbours(std::size_t row, std::size_t count) const noexcept {
    return run == 0 ? count : std::min(count, run - row % run);
  }

  /// The selection that takes `count` rows `inner` of the rows that this one takes; nothing where that has no such form.
  [[nodiscard]] constexpr std::optional<RowSelection> select(const RowSelection& inner, std::size_t count) const noexcept {
    if (run == 0) return RowSelection{first + inner.first, inner.run, inner.stride};
    const std::size_t begin = (*this)(inner.first), within = inner.first % run;
    const bool one_block = inner.run == 0 || inner.run >= count;
    if (within + (one_block ? count : inner.run) <= run) {
      if (one_block) return RowSelection{begin};
      if (inner.stride % run == 0) return RowSelection{begin, inner.run, inner.stride / run * stride};
    }
    if (one_block && within == 0) return RowSelection{begin, run, stride};
    return std::nullopt;
  }
};
static_assert(RowSelection{8, 4, 12}(5) == 21 && RowSelection{8}(5) == 13 && RowSelection{8, 4, 12}.neighbours(5, 9) == 3);
static_assert(RowSelection{8, 4, 12}.select({6, 1, 4}, 2)->stride == 12 && !RowSelection{8, 4, 12}.select({6, 1, 2}, 2));

}  // namespace ingot::checkpoint
