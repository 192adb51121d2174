// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/random_rotation.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <doctest/doctest.h>

using ingot::quant::RandomRotation;

namespace {

/// Row i is the unit vector i times Q.
std::vector<std::vector<float>> rows_of(const RandomRotation& rotation) {
  std::vector<std::vector<float>> rows;
  for (std::size_t i = 0; i < rotation.size(); ++i) {
    rows.emplace_back(rotation.size());
    rows.back()[i] = 1;
    rotation.turn(rows.back(), 1);
  }
  return rows;
}

}  // namespace

TEST_CASE("rotations of any size are orthogonal, and each entry takes part") {
  for (const std::size_t n : {1u, 2u, 7u, 8u, 24u, 576u, 896u}) {
    CAPTURE(n);
    const auto rows = rows_of(RandomRotation{n, 3});
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        double product = 0;
        for (std::size_t k = 0; k < n; ++k) product += static_cast<double>(rows[i][k]) * static_cast<double>(rows[j][k]);
        REQUIRE(std::abs(product - (i == j ? 1.0 : 0.0)) < 1e-5);
        largest = std::max(largest, std::abs(static_cast<double>(rows[i][j])));
      }
    if (n >= 576) CHECK(largest < 0.15);  // an outlier is spread over at least a hundred channels
  }
}

TEST_CASE("columns of a table turn as each vector does") {
  const RandomRotation rotation{24, 5};
  constexpr std::size_t width = 300;  // more than a strip
  std::vector<float> table(24 * width);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<float>(static_cast<int>(i * 37 % 101) - 50);
  auto turned = table;
  rotation.turn(turned, width);
  for (std::size_t k = 0; k < width; ++k) {
    std::vector<float> column(24);
    for (std::size_t i = 0; i < 24; ++i) column[i] = table[i * width + k];
    rotation.turn(column, 1);
    for (std::size_t i = 0; i < 24; ++i) REQUIRE(std::abs(column[i] - turned[i * width + k]) < 1e-3f);
  }
}
