// SPDX-License-Identifier: Apache-2.0
#include <ingot/tensor/layout.hpp>

#include <cstddef>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;

static_assert(RowMajor{Extents<2, 3, 4>{}}(1, 2, 3) == 23 && RowMajor{Extents<>{}}() == 0);
static_assert(PaddedRows{3, 5, 16}(2, 4) == 36 && PaddedRows{3, 5, 16}.span_size() == 37);
static_assert(PaddedRows{0, 5, 16}.span_size() == 0 && PaddedRows{}.span_size() == 0);

TEST_CASE("every element has a place of its own, for every remainder") {
  for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{1, 1}, {16, 8}, {17, 9}, {33, 70}, {5, 64}}) {
    const RowMajor plain{Extents<dynamic, dynamic>{rows, columns}};
    const PaddedRows padded{rows, columns, columns + 3};
    CHECK(plain.span_size() == rows * columns);
    std::vector<int> plain_seen(plain.span_size()), padded_seen(padded.span_size());
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column) {
        REQUIRE(plain(row, column) == row * columns + column);
        REQUIRE(plain_seen[plain(row, column)]++ == 0);
        REQUIRE(padded(row, column) < padded.span_size());
        REQUIRE(padded_seen[padded(row, column)]++ == 0);
      }
    }
  }
}
