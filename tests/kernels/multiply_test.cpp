// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/multiply.hpp>

#include <vector>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>

using namespace ingot::kernels;

namespace {

/// Sizes of the tiles that cover [begin, end), which must follow each other without a gap.
template <std::size_t Min, std::size_t Max>
std::vector<std::size_t> tiles(std::size_t begin, std::size_t end) {
  std::vector<std::size_t> sizes;
  std::size_t next = begin;
  detail::split_rows<isa::scalar, Min, Max>(begin, end, [&]<std::size_t M>(std::size_t first, std::size_t count) {
    CHECK(first == next);
    CHECK(count > 0);
    sizes.insert(sizes.end(), count, M);
    next = first + M * count;
  });
  CHECK(next == end);
  return sizes;
}

}  // namespace

TEST_CASE("rows are split evenly and completely") {
  CHECK(tiles<1, 6>(0, 9) == std::vector<std::size_t>{5, 4});
  CHECK(tiles<1, 6>(5, 11) == std::vector<std::size_t>{6});
  CHECK(tiles<1, 6>(3, 3).empty());
  for (std::size_t rows = 1; rows < 100; ++rows)
    for (const std::size_t size : tiles<1, 4>(7, 7 + rows)) CHECK(size <= 4);
}

TEST_CASE("no row is lost where small tiles are not instantiated") {
  constexpr std::size_t smallest = detail::smallest_tile(8, 6);
  for (std::size_t rows = 9; rows < 200; ++rows) tiles<smallest, 6>(0, rows);
}
