// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/error_statistics.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::quant;
using ingot::test::random_matrix;
using ingot::test::source_of;

static_assert(bits_per_weight({{.bits = 4, .group = 64}, 16, 64}) == 4.25);
static_assert(bits_per_weight({{.bits = 4, .group = 32, .zero = Zero::min, .scale = Scale::nested}, 16, 256}) == 4.625);
static_assert(bits_per_weight({{.bits = 8, .group = 32}, 8, 32}) == 17, "half of the panel is padding");
static_assert(bits_per_weight({quant::f32, 16, 7}) == 32);

TEST_CASE("statistics of an error that is known") {
  Team team{2};
  const std::vector<float> packed_from(40 * 8, 1.0f);
  std::vector<float> original = packed_from;
  original[39 * 8] = 3;
  original[0] = 0.5f;
  const auto packed = pack(quant::f32, 40, 8, source_of(packed_from, 8), team);
  REQUIRE(packed);
  const auto statistics = error_statistics(packed->view(), source_of(original, 8), team);
  REQUIRE(statistics);
  CHECK(statistics->weights == 320);
  CHECK(statistics->max_error == 2);
  CHECK(statistics->squared_error == 4.25);
  CHECK(statistics->relative_rms() == doctest::Approx(std::sqrt(4.25 / (318 + 9 + 0.25))));
}

TEST_CASE("more bits, smaller groups and a min cost less; the figures do not depend on the lanes") {
  const std::vector<float> weights = random_matrix(50, 256, 9);
  Team one{1}, many{4};
  const auto rms = [&](const Scheme& scheme) {
    const auto packed = pack(scheme, 50, 256, source_of(weights, 256), one);
    REQUIRE(packed);
    const auto a = error_statistics(packed->view(), source_of(weights, 256), one),
               b = error_statistics(packed->view(), source_of(weights, 256), many);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a->squared_error == b->squared_error);
    CHECK(a->max_error == b->max_error);
    return a->relative_rms();
  };
  CHECK(rms({.bits = 4, .group = 32}) < rms({.bits = 4, .group = 256}));
  CHECK(rms({.bits = 4, .group = 64, .zero = Zero::min}) < rms({.bits = 4, .group = 64}));
  CHECK(rms({.bits = 8}) < rms({.bits = 4}) / 10);
  CHECK(rms(quant::f32) == 0);
}

TEST_CASE("sums add up; nothing compared is no error; a source's error is passed on") {
  ErrorStatistics sum{.weights = 1, .max_error = 2, .squared_error = 3, .squared_weight = 4};
  sum += {.weights = 10, .max_error = 1, .squared_error = 0.5, .squared_weight = 10};
  CHECK(sum.weights == 11);
  CHECK(sum.max_error == 2);
  CHECK(sum.relative_rms() == 0.5);
  CHECK(ErrorStatistics{}.relative_rms() == 0);
  Team team{2};
  const PackedStorage zeros{quant::f32, 20, 4};
  const auto failed = error_statistics(
      zeros.view(),
      [](std::size_t, std::size_t, std::span<float>) -> Status {
        return Error{ErrorCode::busy, "no", {}, {}};
      },
      team);
  CHECK(failed.error().code == ErrorCode::busy);
}
