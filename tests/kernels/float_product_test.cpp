// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/float_product.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/kernels/functions.hpp>

using namespace ingot;

namespace {

struct Matrix {
  Matrix(std::size_t rows, std::size_t columns, unsigned seed) : layout{rows, columns, columns + 3}, values(rows * (columns + 3)) {
    std::mt19937 random{seed};
    for (float& v : values) v = static_cast<float>(random()) * 0x1p-31f - 1;
  }
  [[nodiscard]] Rows<const float> view() const { return {values, layout}; }
  [[nodiscard]] Rows<float> view() { return {values, layout}; }
  PaddedRows layout;
  std::vector<float> values;
};

}  // namespace

TEST_CASE("c += a b for extents that no tile divides, on any number of threads") {
  for (const auto [m, n, k] : {std::array<std::size_t, 3>{1, 1, 1}, {5, 17, 3}, {33, 40, 300}, {70, 16, 513}, {2, 130, 256}}) {
    const Matrix a{m, k, 1}, b{k, n, 2}, start{m, n, 3};
    std::vector<float> first;
    for (const std::uint32_t threads : {1u, 2u, 3u}) {
      Team team{threads};
      Matrix c = start;
      kernels::float_product(kernels::best_functions(), team)(a.view(), b.view(), c.view());
      if (first.empty()) first = c.values;
      CHECK(c.values == first);
      for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          double sum = static_cast<double>(start.view()(i, j));
          for (std::size_t l = 0; l < k; ++l) sum += static_cast<double>(a.view()(i, l)) * static_cast<double>(b.view()(l, j));
          REQUIRE(std::abs(static_cast<double>(c.view()(i, j)) - sum) < 1e-4);
        }
      for (std::size_t i = 0; i + 1 < m; ++i)
        for (std::size_t gap = n; gap < n + 3; ++gap) CHECK(c.values[i * (n + 3) + gap] == start.values[i * (n + 3) + gap]);
    }
  }
}

TEST_CASE("a product over nothing leaves c as it is") {
  Team team{1};
  const Matrix a{4, 1, 1}, b{1, 5, 2};
  Matrix c{4, 5, 3};
  const std::vector<float> before = c.values;
  const PaddedRows none_a{4, 0, 4}, none_b{0, 5, 8};
  kernels::float_product(kernels::best_functions(), team)({std::span{a.values}, none_a}, {std::span{b.values}, none_b}, c.view());
  CHECK(c.values == before);
}
