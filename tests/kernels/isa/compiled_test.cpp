// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/isa/compiled.hpp>

#include <doctest/doctest.h>

using namespace ingot::kernels;

TEST_CASE("the best ISA of this translation unit's flags has its operations") {
  static_assert(16 % Ops<isa::compiled>::lanes == 0 && 16 % Ops<isa::scalar>::lanes == 0);
  CHECK(isa::compiled::name() == (INGOT_AVX512VNNI     ? "avx512vnni"
                                  : INGOT_AVX_VNNI     ? "avx-vnni"
                                  : INGOT_AVX2         ? "avx2"
                                  : INGOT_NEON_I8MM    ? "neon-i8mm"
                                  : INGOT_NEON_DOTPROD ? "neon-dotprod"
                                                       : "scalar"));
}
