// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/scales.hpp>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>

#include "fixtures.hpp"

using namespace fixtures;

namespace {

/// weight = scale * (code - zero point) + min for the codes that are there.
template <Scheme S>
void check() {
  Random random{14};
  const PackedRandom w{S, 16, 512, random};
  for (std::size_t g = 0; g < w.layout.groups(); ++g) {
    const auto loaded = kernels::load_scale<kernels::isa::scalar, S>(w.scales.data(), g, 0);
    if constexpr (S.scale != quant::Scale::nested) {
      constexpr bool wide = S.scale == quant::Scale::single;
      const auto again = kernels::load_scale<kernels::isa::scalar>(S.zero == Zero::min, wide, w.scales.data(), g, 0);
      CHECK(std::memcmp(&again, &loaded, sizeof loaded) == 0);
    }
    for (const std::size_t row : {0u, 7u, 15u}) {
      const std::size_t column = g * w.layout.group_columns() + 3;
      const int byte = std::to_integer<int>(w.quants[w.layout.quant_offset(row, column)]);
      const int code = S.bits == 8 ? byte : byte & 15;
      const float min = S.zero == Zero::min ? loaded.min.lane[row] : 0.0f;
      const float weight = loaded.scale.lane[row] * static_cast<float>(code - S.zero_point()) + min;
      CHECK(static_cast<double>(weight) == doctest::Approx(w.weight(row, column)).epsilon(1e-5));
    }
  }
}

}  // namespace

TEST_CASE("scales and mins of every kind of plane") {
  check<Scheme{.bits = 4, .group = 32}>();
  check<Scheme{.bits = 8, .group = 128, .zero = Zero::min}>();
  check<Scheme{.bits = 4, .group = 32, .zero = Zero::min, .scale = quant::Scale::nested}>();
  check<Scheme{.bits = 8, .group = 0}>();
  check<Scheme{.bits = 4, .group = 32, .scale = quant::Scale::single}>();
  check<Scheme{.bits = 8, .group = 64, .zero = Zero::min, .scale = quant::Scale::single}>();
}
