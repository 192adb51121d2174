// SPDX-License-Identifier: Apache-2.0
#include <ingot/tensor/tensor.hpp>

#include <numeric>
#include <span>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;

static_assert(sizeof(Tensor<float, RowMajor<Extents<3, 4>>>) == sizeof(float*), "static shapes cost nothing");
static_assert(std::is_convertible_v<Rows<float>, Rows<const float>> && !std::is_convertible_v<Rows<const float>, Rows<float>>);

TEST_CASE("elements and rows of padded rows") {
  std::vector<float> numbers(15);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  const Rows<float> view{numbers, {3, 4, 5}};
  CHECK(view(2, 1) == 11);
  CHECK(view.row(1)[3] == 8);
  CHECK(view.extent(0) == 3);
  CHECK(view.extent(1) == 4);
  CHECK(view.layout().stride() == 5);
  view(0, 0) = 5;
  const Rows<const float> reader = view;
  CHECK(reader(0, 0) == 5);
  CHECK(reader.elements().size() == 14);
  CHECK(reader.data() == numbers.data());
}

TEST_CASE("columns of a matrix are a matrix") {
  std::vector<float> numbers(15);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  const Rows<float> view{numbers, {3, 5, 5}};
  const Rows<float> part = columns(view, 3, 2);
  CHECK(part.extent(0) == 3);
  CHECK(part.extent(1) == 2);
  CHECK(part(0, 0) == 3);
  CHECK(part.row(2)[1] == 14);
  CHECK(part.elements().size() == 12);
  CHECK(columns(view, 5, 0).extent(1) == 0);
  CHECK(columns(Rows<float>{}, 0, 0).elements().empty());
}

TEST_CASE("static extents") {
  std::vector<int> codes(30);
  const Tensor<int, RowMajor<Extents<dynamic, 10>>> tensor{codes, RowMajor{Extents<dynamic, 10>{3}}};
  tensor(2, 9) = 7;
  CHECK(codes[29] == 7);
  CHECK(tensor.row(2)[9] == 7);
}
