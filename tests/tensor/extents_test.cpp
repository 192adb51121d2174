// SPDX-License-Identifier: Apache-2.0
#include <ingot/tensor/extents.hpp>

#include <type_traits>

#include <doctest/doctest.h>

using namespace ingot;

static_assert(sizeof(Extents<dynamic, 64>) == sizeof(std::size_t) && std::is_empty_v<Extents<3, 4>>);
static_assert(Extents<3, 4>{}.elements() == 12 && Extents<>{}.elements() == 1);
static_assert(Extents<dynamic, 64, dynamic>{5, 7}.extent(0) == 5 && Extents<dynamic, 64, dynamic>{5, 7}.extent(1) == 64);
static_assert(Extents<dynamic, 64, dynamic>{5, 7}.extent(2) == 7 && Extents<dynamic, 64, dynamic>::dynamic_rank == 2);
static_assert(Extents<2, dynamic>::static_extent(0) == 2 && Extents<2, dynamic>::static_extent(1) == dynamic);
static_assert(Extents<2, dynamic>{3} == Extents<dynamic, 3>{2} && !(Extents<2, dynamic>{3} == Extents<2, 4>{}));
static_assert(!std::is_constructible_v<Extents<2, dynamic>, std::size_t, std::size_t>, "static dimensions take no value");

TEST_CASE("extents known at run time") {
  std::size_t rows = 0;
  for (std::size_t i = 0; i < 9; ++i) ++rows;
  const Extents<dynamic, 4> extents{rows};
  CHECK(extents.extent(0) == 9);
  CHECK(extents.elements() == 36);
}
