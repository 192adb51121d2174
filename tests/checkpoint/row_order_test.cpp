// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/row_order.hpp>

#include <set>

#include <doctest/doctest.h>

using namespace ingot::checkpoint;

TEST_CASE("a permutation visits every row once and keeps heads apart") {
  const RowPermutation permutation{6};
  std::set<std::size_t> seen;
  for (std::size_t row = 0; row < 18; ++row) {
    CHECK(permutation(row) / 6 == row / 6);
    seen.insert(permutation(row));
  }
  CHECK(seen.size() == 18);
}

TEST_CASE("neighbours are stored one after the other, and what follows them is not") {
  for (const RowSelection s : {RowSelection{}, RowSelection{5}, RowSelection{2, 3, 7}, RowSelection{1, 1, 2}})
    for (std::size_t row = 0; row < 12; ++row) {
      const std::size_t count = s.neighbours(row, 12 - row);
      REQUIRE(count >= 1);
      for (std::size_t i = 1; i < count; ++i) CHECK(s(row + i) == s(row) + i);
      if (row + count < 12) CHECK(s(row + count) != s(row) + count);
    }
}

TEST_CASE("a selection of a selection is one of the stored rows, or none") {
  std::size_t with_form = 0;
  for (const RowSelection outer : {RowSelection{}, RowSelection{5}, RowSelection{2, 4, 9}, RowSelection{1, 1, 2}, RowSelection{3, 6, 6}})
    for (const RowSelection inner : {RowSelection{}, RowSelection{4}, RowSelection{5}, RowSelection{2, 2, 4}, RowSelection{1, 2, 3},
                                     RowSelection{0, 1, 2}, RowSelection{3, 3, 12}, RowSelection{6, 8, 0}})
      for (const std::size_t count : {1, 2, 4, 6}) {
        const auto both = outer.select(inner, count);
        if (!both) continue;
        ++with_form;
        for (std::size_t row = 0; row < count; ++row) CHECK((*both)(row) == outer(inner(row)));
      }
  CHECK(with_form > 100);
}
