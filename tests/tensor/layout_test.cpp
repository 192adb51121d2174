// SPDX-License-Identifier: Apache-2.0
#include <ingot/tensor/layout.hpp>

#include <cstddef>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/quant/packed_matrix.hpp>

using namespace ingot;

static_assert(RowMajor{Extents<2, 3, 4>{}}(1, 2, 3) == 23 && RowMajor{Extents<>{}}() == 0);
static_assert(N16K8{Extents<16, 8>{}}(0, 4) == 1 && N16K8{Extents<16, 8>{}}(1, 0) == 8, "high half of byte 0; byte 4");

TEST_CASE("every element has a place of its own, for every remainder") {
  for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{1, 1}, {16, 8}, {17, 9}, {33, 70}, {5, 64}}) {
    const Extents<dynamic, dynamic> extents{rows, columns};
    const RowMajor plain{extents};
    const N16K8 tiled{extents};
    CHECK(plain.span_size() == rows * columns);
    std::vector<int> plain_seen(plain.span_size()), tiled_seen(tiled.span_size());
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column) {
        REQUIRE(plain(row, column) == row * columns + column);
        REQUIRE(tiled(row, column) < tiled.span_size());
        REQUIRE(tiled_seen[tiled(row, column)]++ == 0);
      }
    }
  }
}

TEST_CASE("N16K8 is the order of packed matrices") {
  const quant::PackedLayout packed{{.bits = 4, .group = 0}, 35, 75};
  const N16K8 tiled{Extents<dynamic, dynamic>{std::size_t{35}, std::size_t{75}}};
  CHECK(packed.quant_bytes() * 2 == tiled.span_size());
  for (std::size_t row = 0; row < 35; ++row)
    for (std::size_t column = 0; column < 75; ++column)
      REQUIRE(tiled(row, column) == packed.quant_offset(row, column) * 2 + packed.high_nibble(column));
}
