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

namespace {

const quant::Product loops = [](Rows<const float> a, Rows<const float> b, Rows<float> c) {
  for (std::size_t i = 0; i < c.extent(0); ++i)
    for (std::size_t j = 0; j < c.extent(1); ++j)
      for (std::size_t k = 0; k < b.extent(0); ++k) c(i, j) += a(i, k) * b(k, j);
};

}  // namespace

TEST_CASE("a sample is spread over the rows, and no longer than its limit") {
  for (const std::size_t rows : {1u, 100u, 256u, 257u, 1000u}) {
    std::vector<float> x(rows * 2);
    for (std::size_t r = 0; r < rows; ++r) x[2 * r] = r + 1 == rows || r == 0 ? 1.f : 0.f;
    InputSample sample;
    sample.take({std::span<const float>{x}, PaddedRows{rows, 2, 2}});
    CHECK(sample.rows() == (rows <= 256 ? rows : (rows + (rows + 255) / 256 - 1) / ((rows + 255) / 256)));
    CHECK(sample.energy(std::vector<float>{1, 0}, 0, loops) >= 1);  // the first row is in it
  }
}

TEST_CASE("energies are those of the outputs") {
  const std::vector<float> x = test::random_matrix(5, 70, 1), w = test::random_matrix(3, 70, 2);
  InputSample sample;
  sample.take({std::span<const float>{x}, PaddedRows{5, 70, 70}});
  for (const std::size_t block : {0u, 32u, 64u}) {
    double expected = 0;
    std::vector<float> row(70);
    for (std::size_t t = 0; t < 5; ++t) {
      std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(t * 70), 70, row.begin());
      if (block != 0) quant::input_rounding(std::span{x}.subspan(t * 70, 70), block, row);
      for (std::size_t n = 0; n < 3; ++n) {
        double y = 0;
        for (std::size_t k = 0; k < 70; ++k) y += static_cast<double>(row[k]) * static_cast<double>(w[n * 70 + k]);
        expected += y * y;
      }
    }
    CHECK(std::abs(sample.energy(w, block, loops) - expected) <= 1e-4 * expected);
  }
}

TEST_CASE("blocks are as coarse as the weights' own error lets them be") {
  const std::vector<float> x = test::random_matrix(40, 512, 3), w = test::random_matrix(8, 512, 4);
  InputSample sample;
  sample.take({std::span<const float>{x}, PaddedRows{40, 512, 512}});
  double before = 0;
  for (const std::uint32_t block : {64u, 128u, 256u}) {
    const double lost = sample.energy(w, block, loops);
    CHECK(lost > before);
    before = lost;
    CHECK(activation_block(sample, w, 4.01 * lost, loops) == block);
  }
  CHECK(activation_block(sample, w, 0, loops) == 32);
}
