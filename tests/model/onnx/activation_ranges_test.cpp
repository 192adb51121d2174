// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <doctest/doctest.h>

#include <ingot/model/onnx/activation_ranges.hpp>

using namespace ingot::model::onnx;

TEST_CASE("unsigned codes cover the range, and 0 is one of them") {
  const ActivationForm u16{16, false}, u8{8, false};
  CHECK(u16.type() == Type::u16);
  CHECK(u8.type() == Type::u8);
  for (const Range range : {Range{-1, 3}, Range{-5, -1}, Range{2, 6}, Range{-1e-3f, 1e3f}})
    for (const ActivationForm form : {u8, u16}) {
      const LinearCode code = code_of(range, form);
      const auto most = static_cast<float>((1 << form.bits) - 1), zero = static_cast<float>(code.zero);
      CHECK(code.zero >= 0);
      CHECK(zero <= most);
      CHECK(-zero * code.scale <= std::fmin(range.low, 0) + code.scale * 0.51f);
      CHECK((most - zero) * code.scale >= std::fmax(range.high, 0) - code.scale * 0.51f);
      CHECK(most * code.scale == doctest::Approx(std::fmax(range.high, 0) - std::fmin(range.low, 0)));
    }
  CHECK(code_of({-1, 3}, u8).zero == 64);  // 255 / 4 = 63.75
}

TEST_CASE("signed codes have no zero point") {
  const ActivationForm i16{16, true}, i8{8, true};
  CHECK(i16.type() == Type::i16);
  CHECK(i8.type() == Type::i8);
  CHECK(code_of({-2, 1}, i8).scale == doctest::Approx(2.0 / 127));
  CHECK(code_of({-1, 2}, i16).scale == doctest::Approx(2.0 / 32767));
  CHECK(code_of({-1, 2}, i16).zero == 0);
}

TEST_CASE("a range of nothing but 0") {
  for (const bool symmetric : {false, true}) {
    const LinearCode code = code_of({0, 0}, {16, symmetric});
    CHECK(code.scale == 1);
    CHECK(code.zero == 0);
  }
}

TEST_CASE("ranges are joined") {
  Range range{-1, 2};
  range |= {0, 3};
  CHECK(range == Range{-1, 3});
}
