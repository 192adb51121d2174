// SPDX-License-Identifier: Apache-2.0
#include <ingot/tensor/tensor.hpp>

#include <numeric>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;

static_assert(sizeof(Tensor<float, RowMajor<Extents<3, 4>>>) == sizeof(float*), "static shapes cost nothing");
static_assert(std::is_convertible_v<Matrix<float>, Matrix<const float>> && !std::is_convertible_v<Matrix<const float>, Matrix<float>>);

TEST_CASE("elements and rows of a matrix") {
  std::vector<float> numbers(12);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  const auto view = matrix(std::span{numbers}, 3, 4);
  CHECK(view(2, 1) == 9);
  CHECK(view.row(1).size() == 4);
  CHECK(view.row(1)[3] == 7);
  CHECK(view.extent(0) == 3);
  view(0, 0) = 5;
  const Matrix<const float> reader = view;
  CHECK(reader(0, 0) == 5);
  CHECK(reader.elements().size() == 12);
}

TEST_CASE("other layouts") {
  std::vector<int> codes(16 * 16);
  const Tensor<int, N16K8<Extents<dynamic, 10>>> tiled{codes, N16K8{Extents<dynamic, 10>{3}}};
  tiled(2, 9) = 7;
  CHECK(codes[(64 + 9) * 2] == 7);
}
