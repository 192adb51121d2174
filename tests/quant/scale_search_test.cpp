// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/scale_search.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::quant;

namespace {

double weighted_error(const Scheme& scheme, const GroupScale& group, std::span<const float> weights, std::span<const float> importance,
                      std::span<const std::uint8_t> codes) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double difference = static_cast<double>(weights[i] - decode(scheme, codes[i], group.scale, group.min));
    sum += static_cast<double>(importance[i]) * difference * difference;
  }
  return sum;
}

const std::vector<Scheme> schemes{{.bits = 4, .group = 32},
                                  {.bits = 4, .group = 32, .zero = Zero::min},
                                  {.bits = 8, .group = 32},
                                  {.bits = 8, .group = 32, .zero = Zero::min}};

}  // namespace

TEST_CASE("a searched scale is never worse than that of the extremes, and on the whole much better") {
  for (const Scheme& scheme : schemes) {
    double nearest = 0, searched = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {
      const std::size_t size = 1 + seed % 64;
      const std::vector<float> weights = test::random_matrix(1, size, seed);
      std::vector<float> importance = test::random_matrix(1, size, seed + 1000);
      for (float& h : importance) h = h * h;
      std::vector<std::uint8_t> near(size), found(size);
      const GroupScale extremes = encode_group(scheme, weights, near), best = search_scale(scheme, weights, importance, found);
      const double before = weighted_error(scheme, extremes, weights, importance, near),
                   after = weighted_error(scheme, best, weights, importance, found);
      CHECK(after <= before * (1 + 1e-4) + 1e-12);
      nearest += before, searched += after;
    }
    CHECK(searched < (scheme.bits == 4 ? 0.75 : 0.95) * nearest);
  }
}

TEST_CASE("weights on a grid are found again") {
  for (const Scheme& scheme : schemes) {
    std::vector<float> weights(32), ones(32, 1.f);
    const float min = scheme.zero == Zero::min ? -0.75f : 0.f;
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = decode(scheme, static_cast<std::uint8_t>((i * 7) % 16), 0.125f, min);
    std::vector<std::uint8_t> codes(32);
    const GroupScale found = search_scale(scheme, weights, ones, codes);
    CHECK(weighted_error(scheme, found, weights, ones, codes) <= (scheme.bits == 4 ? 0.0 : 1e-4));
  }
}

TEST_CASE("what counts for nothing is given up for what counts") {
  for (const Scheme& scheme : schemes) {
    std::vector<float> weights(32), importance(32, 1.f);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = 0.2f * std::sin(static_cast<float>(i) * 1.7f);
    weights[5] = 0.5f, importance[5] = 0;
    std::vector<std::uint8_t> codes(32);
    const GroupScale found = search_scale(scheme, weights, importance, codes);
    std::vector<std::uint8_t> near(32);
    const GroupScale extremes = encode_group(scheme, weights, near);
    CHECK(weighted_error(scheme, found, weights, importance, codes) < 0.5 * weighted_error(scheme, extremes, weights, importance, near));
  }
}

TEST_CASE("groups of zeros, of one value, of the smallest and of the largest numbers") {
  for (const Scheme& scheme : schemes)
    for (const float value : {0.f, 0.3f, -2.f, 1e-7f, -3e-8f, 1e-40f, 6e4f}) {
      const std::vector<float> weights(32, value), ones(32, 1.f);
      std::vector<std::uint8_t> codes(32), near(32);
      const GroupScale found = search_scale(scheme, weights, ones, codes), extremes = encode_group(scheme, weights, near);
      CHECK(weighted_error(scheme, found, weights, ones, codes) <= weighted_error(scheme, extremes, weights, ones, near));
    }
  std::vector<std::uint8_t> codes(2);
  const GroupScale beyond = search_scale(schemes[1], std::vector<float>{-1e30f, 1e30f}, std::vector<float>{1, 1}, codes);
  CHECK((!is_finite(beyond.scale) || !is_finite(beyond.min)));
}
