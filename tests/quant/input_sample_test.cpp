// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/input_sample.hpp>

#include <cstddef>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::quant;

namespace {

/// Row i is {i, -2 i}.
Rows<const float> rows(std::vector<float>& values, std::size_t first, std::size_t count) {
  values.clear();
  for (std::size_t i = first; i < first + count; ++i) {
    values.push_back(static_cast<float>(i));
    values.push_back(-2 * static_cast<float>(i));
  }
  const PaddedRows layout{count, 2, 2};
  return {{values.data(), layout.span_size()}, layout};
}

}  // namespace

TEST_CASE("a sample keeps rows evenly spaced, and sums of all, however they come") {
  std::vector<float> values;
  for (const std::size_t part : {1u, 3u, 37u}) {
    InputSample sample{2, 8};
    for (std::size_t first = 0; first < 37; first += part) sample.add(rows(values, first, std::min<std::size_t>(part, 37 - first)));
    CHECK(sample.seen() == 37);
    REQUIRE(sample.rows().extent(0) == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(sample.rows()(i, std::size_t{0}) == static_cast<float>(8 * i));
      CHECK(sample.rows()(i, std::size_t{1}) == -2 * static_cast<float>(8 * i));
    }
    CHECK(sample.mean_magnitudes() == std::vector<float>{18, 36});
    CHECK(sample.mean_squares() == std::vector<float>{438, 1752});  // 36 * 37 * 73 / 6 / 37
    CHECK(sample.largest() == std::vector<float>{36, 72});
  }
}

TEST_CASE("a sample of few rows keeps them all; one of none has none") {
  std::vector<float> values;
  InputSample sample{2, 8};
  CHECK(sample.rows().extent(0) == 0);
  CHECK(sample.mean_squares() == std::vector<float>{0, 0});
  sample.add(rows(values, 0, 8));
  CHECK(sample.rows().extent(0) == 8);
}
