// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/scheme.hpp>

#include <doctest/doctest.h>

using namespace ingot::quant;

template <Scheme S>
struct Takes {
  static constexpr Scheme scheme = S;
};
static_assert(Takes<Scheme{.bits = 8, .group = 0}>::scheme.group == 0, "a template argument");
static_assert(Scheme{.bits = 4}.zero_point() == 8 && Scheme{.bits = 8}.zero_point() == 128);
static_assert(Scheme{.bits = 8, .zero = Zero::min}.zero_point() == 0);
static_assert(!f16.is_integer() && f16 != bf16 && Scheme{} == Scheme{.bits = 4, .group = 64});

TEST_CASE("names") {
  CHECK(to_string({.bits = 4}) == "int4-g64");
  CHECK(to_string({.bits = 8, .group = 0}) == "int8-channel");
  CHECK(to_string({.bits = 4, .group = 32, .zero = Zero::min, .scale = Scale::nested}) == "int4-g32-min-nested");
  CHECK(to_string({.bits = 4, .group = 0, .zero = Zero::min, .sparsity = Sparsity::two_of_four}) == "int4-channel-min-2of4");
  CHECK(to_string(f32) == "f32");
  CHECK(to_string(f16) == "f16");
  CHECK(to_string(bf16) == "bf16");
}
