// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/equivalent_scales.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/kernels/float_product.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/quant/codec.hpp>

using namespace ingot;
using namespace ingot::quant;

namespace {

constexpr std::size_t inner = 96, rows = 40, inputs = 70;
constexpr Scheme scheme{.bits = 4, .group = 32, .zero = Zero::min};

/// Weights of size 1, and inputs of which every 16th channel is `outlier` times as large as the others.
struct Layer {
  explicit Layer(float outlier) : weights(rows * inner), x(inputs * inner), sample{inner, 64} {
    std::mt19937 random{11};
    std::normal_distribution<float> normal;
    for (float& w : weights) w = normal(random);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = normal(random) * (i % 16 == 3 ? outlier : 1);
    const PaddedRows layout{inputs, inner, inner};
    sample.add({{x.data(), layout.span_size()}, layout});
  }
  [[nodiscard]] RowSource source() const {
    return [this](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
      std::copy_n(weights.data() + begin * inner, (end - begin) * inner, out.data());
      return {};
    };
  }
  [[nodiscard]] std::vector<InputReader> readers(Team& team, std::size_t most = rows) const {
    std::vector<InputReader> all;
    for (const Scheme& s : {scheme, Scheme{.bits = 4, .group = 0}}) {
      auto reader = InputReader::read({s, rows, inner}, s.group == 0 ? inner : 64, source(), most, team);
      REQUIRE(reader);
      all.push_back(*std::move(reader));
    }
    return all;
  }

  std::vector<float> weights, x;
  InputSample sample;
};

std::vector<std::uint32_t> own_factors() {
  std::vector<std::uint32_t> factor_of(inner);
  std::iota(factor_of.begin(), factor_of.end(), 0u);
  return factor_of;
}

FoundScales search(const Layer& layer, ScaleRule rule, std::uint32_t threads, std::span<const std::uint32_t> factor_of, std::size_t count) {
  Team team{threads};
  const Product product = kernels::float_product(kernels::best_functions(), team);
  return search_scales({.rule = rule}, layer.readers(team), layer.sample, factor_of, count, product, team);
}

}  // namespace

TEST_CASE("large channels get finer weights: outputs lose less, by either rule and with any number of threads") {
  const Layer layer{20};
  for (const ScaleRule rule : {ScaleRule::activation_aware, ScaleRule::smooth, ScaleRule::learned}) {
    const FoundScales found = search(layer, rule, 1, own_factors(), inner);
    CHECK(found.error < 0.6 * found.error_without);
    REQUIRE(found.factors.size() == inner);
    double logs = 0;
    for (const float factor : found.factors) logs += std::log(static_cast<double>(factor));
    CHECK(logs == doctest::Approx(0).epsilon(1e-3));
    CHECK(found.factors[3] > 2 * found.factors[4]);
    CHECK(search(layer, rule, 3, own_factors(), inner).factors == found.factors);
  }
}

TEST_CASE("learned scales lose less than those they start from") {
  const Layer layer{6};
  const double start = search(layer, ScaleRule::activation_aware, 2, own_factors(), inner).error;
  CHECK(search(layer, ScaleRule::learned, 2, own_factors(), inner).error < start);
}

TEST_CASE("nothing is scaled where nothing is gained") {
  Layer layer{1};
  std::fill(layer.weights.begin(), layer.weights.end(), 0.f);
  const FoundScales found = search(layer, ScaleRule::activation_aware, 2, own_factors(), inner);
  CHECK(found.error == 0);
  CHECK(found.factors == std::vector<float>(inner, 1));
}

TEST_CASE("columns share factors") {
  const Layer layer{20};
  std::vector<std::uint32_t> factor_of(inner);
  for (std::size_t i = 0; i < inner; ++i) factor_of[i] = static_cast<std::uint32_t>(i / 32 * 16 + i % 16);  // two copies of 16
  const FoundScales found = search(layer, ScaleRule::activation_aware, 2, factor_of, inner / 2);
  CHECK(found.factors.size() == inner / 2);
  CHECK(found.error < 0.6 * found.error_without);
  CHECK(found.factors[3] > 2 * found.factors[4]);
}

TEST_CASE("a reader keeps some rows and looks at all") {
  Layer layer{1};
  layer.weights[7 * inner + 5] = 100;
  Team team{2};
  const auto readers = layer.readers(team, 10);
  for (const InputReader& reader : readers) {
    CHECK(reader.layout.rows == 10);
    for (std::size_t r = 0; r < 10; ++r)
      for (std::size_t i = 0; i < inner; ++i) CHECK(reader.weights[r * inner + i] == layer.weights[4 * r * inner + i]);
    CHECK(reader.largest[5] == 100);
    CHECK(reader.largest[6] < 6);
    for (const float share : reader.mean_shares) CHECK((share > 0.1f && share < 0.8f));
  }
  layer.weights[39 * inner] = std::nanf("");
  const auto damaged = InputReader::read({scheme, rows, inner}, 128, layer.source(), 10, team);
  REQUIRE(!damaged);
  CHECK(damaged.error().code == ErrorCode::damaged);
}
