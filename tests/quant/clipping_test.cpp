// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/clipping.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/kernels/float_product.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/quant/scale_search.hpp>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::quant;
using ingot::test::random_matrix, ingot::test::source_of;

namespace {

constexpr std::size_t rows = 24, width = 136, inputs = 300;  // the last group is not full

/// Inputs whose columns depend on each other, one of them large, as those of trained models.
std::vector<float> correlated() {
  std::vector<float> x = random_matrix(inputs, width, 9);
  for (std::size_t r = 0; r < inputs; ++r)
    for (std::size_t i = 1; i < width; ++i) x[r * width + i] += 0.8f * x[r * width + i - 1];
  for (std::size_t r = 0; r < inputs; ++r) x[r * width + width / 2] *= 8;
  return x;
}

struct Learning {
  explicit Learning(std::uint32_t threads) : team{threads}, product{kernels::float_product(kernels::best_functions(), team)}, gram{width} {
    const PaddedRows layout{inputs, width, width};
    gram.add({{x.data(), layout.span_size()}, layout}, product);
  }
  [[nodiscard]] std::vector<std::uint8_t> clips(const Scheme& scheme, float correlation, std::span<const float> factors = {}) {
    auto found = learn_clips({scheme, rows, width}, source_of(weights, width), gram, factors, correlation, product, team);
    REQUIRE(found);
    return *std::move(found);
  }
  /// What the outputs lose.
  [[nodiscard]] double lost(const Scheme& scheme, const Encoder& encoder) const {
    const PackedLayout layout{scheme, rows, width};
    std::vector<float> decoded = weights;
    std::vector<std::uint8_t> codes(rows * layout.padded_columns());
    std::vector<GroupScale> scales(rows * layout.groups());
    round_rows(layout, encoder, decoded, codes, scales);
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t t = 0; t < inputs; ++t) {
        double y = 0;
        for (std::size_t i = 0; i < width; ++i)
          y += static_cast<double>((decoded[r * width + i] - weights[r * width + i]) * x[t * width + i]);
        sum += y * y;
      }
    return sum;
  }

  Team team;
  Product product;
  std::vector<float> x = correlated(), weights = random_matrix(rows, width, 4);
  Gram gram;
};

constexpr Scheme asymmetric{.bits = 3, .group = 32, .zero = Zero::min}, symmetric{.bits = 4, .group = 32};

}  // namespace

TEST_CASE("a byte holds both clips, and no cut is the plain range") {
  for (int byte = 0; byte < 256; ++byte) CHECK(Clip::of(static_cast<std::uint8_t>(byte)).byte() == byte);
  const GroupScale plain = Clip{}.scale(asymmetric, {-3, 4});
  CHECK(plain.scale == 1);
  CHECK(plain.min == -3);
  const GroupScale half = Clip{.down = Clip::most, .up = Clip::most}.scale(asymmetric, {-3, 4});
  CHECK(half.scale == 0.5f);
  CHECK(half.min == -1.25f);
  CHECK(Clip{}.scale(symmetric, {-3, 4}).scale == -0.5f);  // the largest has the lowest code
}

TEST_CASE("learned clips lose less than searched scales where they know what inputs have in common") {
  for (const Scheme& scheme : {asymmetric, symmetric}) {
    CAPTURE(to_string(scheme));
    Learning learning{2};
    std::vector<float> importance(width);
    for (std::size_t i = 0; i < width; ++i) importance[i] = learning.gram(i, i);
    const double plain = learning.lost(scheme, NearestEncoder{}), searched = learning.lost(scheme, SearchEncoder{importance});
    const auto alone = learning.clips(scheme, 0), together = learning.clips(scheme, 1);
    const double by_alone = learning.lost(scheme, ClipEncoder{alone}), by_all = learning.lost(scheme, ClipEncoder{together});
    CHECK(by_alone < 0.9 * plain);
    CHECK(by_alone < 1.2 * searched);  // which fits scales to the codes it gets, too
    CHECK(by_all < 0.85 * by_alone);
    CHECK(by_all < 0.85 * searched);
    Learning other{3};
    CHECK(other.clips(scheme, 1) == together);
  }
}

TEST_CASE("factors divide the inputs that clips are learned from") {
  Learning learning{1};
  CHECK(learning.clips(asymmetric, 1, std::vector<float>(width, 4.f)) == learning.clips(asymmetric, 1));  // exact: a power of two
  std::vector<float> factors(width, 1.f);
  for (std::size_t i = 0; i < 32; ++i) factors[i] = i % 2 == 0 ? 16.f : 1.f;
  CHECK(learning.clips(asymmetric, 1, factors) != learning.clips(asymmetric, 1));
}

TEST_CASE("a group without a range is rounded as it is without clips") {
  Learning learning{2};
  std::fill_n(learning.weights.begin(), width, 0.25f);
  const PackedLayout layout{asymmetric, 1, width};
  const auto clips = learning.clips(asymmetric, 1);
  std::vector<float> row(learning.weights.begin(), learning.weights.begin() + width);
  std::vector<std::uint8_t> codes(layout.padded_columns());
  std::vector<GroupScale> scales(layout.groups());
  round_rows(layout, ClipEncoder{clips}, row, codes, scales);
  CHECK(row == std::vector<float>(width, 0.25f));
}
