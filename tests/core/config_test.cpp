// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/config.hpp>

#include <doctest/doctest.h>

#include <ingot/core/result.hpp>

using namespace ingot;

static_assert(INGOT_X86_64 + INGOT_ARM64 <= 1);
static_assert(INGOT_AVX2 >= INGOT_AVX512VNNI && INGOT_NEON_DOTPROD >= INGOT_NEON_I8MM, "an instruction set has its fallback's");

namespace {
Result<int> even(int n) {
  if (n % 2 != 0) return Error{ErrorCode::usage, "odd", {}, {}};
  return n;
}
Result<int> sum(int a, int b) {
  INGOT_TRY(const int first, even(a));
  INGOT_CHECK(even(b));
  INGOT_TRY(const int second, even(b));
  return first + second;
}
int unrolled() {
  int total = 0;
  INGOT_UNROLL for (int i = 0; i < 5; ++i) total += i;
  return total;
}
}  // namespace

TEST_CASE("the macros return errors, evaluate once and leave loops as they are") {
  CHECK(*sum(2, 4) == 6);
  CHECK_FALSE(sum(1, 2));
  CHECK(sum(2, 3).error().what == "odd");
  CHECK(unrolled() == 10);
  CHECK((INGOT_UNLIKELY(7 > 3) && !INGOT_UNLIKELY(3 > 7)));
}
