// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/activation_choice.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::model::detail;
using ingot::test::loops;

TEST_CASE("energies are those of the outputs") {
  const std::vector<float> x = test::random_matrix(5, 70, 1), w = test::random_matrix(3, 70, 2);
  const Rows<const float> rows{std::span<const float>{x}, PaddedRows{5, 70, 70}};
  for (const std::size_t block : {0u, 32u, 64u}) {
    double expected = 0;
    std::vector<float> row(70);
    for (std::size_t t = 0; t < 5; ++t) {
      std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(t * 70), 70, row.begin());
      if (block != 0) quant::round_inputs(row, block);
      for (std::size_t k = 0; block != 0 && k < 70; ++k) row[k] = x[t * 70 + k] - row[k];
      for (std::size_t n = 0; n < 3; ++n) {
        double y = 0;
        for (std::size_t k = 0; k < 70; ++k) y += static_cast<double>(row[k]) * static_cast<double>(w[n * 70 + k]);
        expected += y * y;
      }
    }
    CHECK(std::abs(output_energy(rows, w, block, loops) - expected) <= 1e-4 * expected);
  }
}

TEST_CASE("blocks are as coarse as the weights' own error lets them be") {
  const std::vector<float> x = test::random_matrix(40, 512, 3), w = test::random_matrix(8, 512, 4);
  const Rows<const float> rows{std::span<const float>{x}, PaddedRows{40, 512, 512}};
  double before = 0;
  for (const std::uint32_t block : {64u, 128u, 256u}) {
    const double lost = output_energy(rows, w, block, loops);
    CHECK(lost > before);
    before = lost;
    CHECK(activation_block(rows, w, 4.01 * lost, loops) == block);
  }
  CHECK(activation_block(rows, w, 0, loops) == 32);
}
