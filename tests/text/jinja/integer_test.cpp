// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/integer.hpp>

#include <random>

#include <doctest/doctest.h>

using ingot::text::jinja::Integer;

TEST_CASE("64 bit arithmetic agrees with the machine") {
  std::mt19937_64 random{7};
  const auto draw = [&] { return static_cast<std::int64_t>(random()) >> (random() % 60 + 2); };
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t a = draw(), b = draw() >> 20, c = draw() >> 32;
    REQUIRE((Integer{a} + Integer{b}).small() == a + b);
    REQUIRE((Integer{a} - Integer{b}).small() == a - b);
    REQUIRE((Integer{b} * Integer{c}).text() == (Integer{c} * Integer{b}).text());
    REQUIRE((Integer{a} <=> Integer{b}) == (a <=> b));
    if (b == 0) continue;
    const auto [quotient, rest] = Integer{a}.divide(Integer{b});
    REQUIRE((quotient * Integer{b} + rest) == Integer{a});
    REQUIRE((rest.zero() || rest.negative() == (b < 0)));
  }
}

TEST_CASE("large integers keep every digit") {
  const Integer big{std::string_view{"123456789012345678901234567890"}};
  CHECK(big.text() == "123456789012345678901234567890");
  CHECK((big * big).text() == "15241578753238836750495351562536198787501905199875019052100");
  CHECK((-big - big).text() == "-246913578024691357802469135780");
  CHECK((big - big).zero());
  CHECK((big - big).text() == "0");
  CHECK_FALSE((big - big).negative());
  CHECK_FALSE(big.small());
  CHECK(big.real() == 123456789012345678901234567890.0);
  const auto [quotient, rest] = (-big).divide(Integer{7});
  CHECK(quotient.text() == "-17636684144620811271604938270");
  CHECK(rest.text() == "0");
  CHECK(Integer{std::string_view{"-000000000000000000000012"}}.text() == "-12");
}

TEST_CASE("the ends of 64 bits") {
  CHECK(Integer{std::numeric_limits<std::int64_t>::min()}.text() == "-9223372036854775808");
  CHECK(Integer{std::string_view{"-9223372036854775808"}}.small() == std::numeric_limits<std::int64_t>::min());
  CHECK(Integer{std::string_view{"9223372036854775807"}}.small() == std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(Integer{std::string_view{"9223372036854775808"}}.small());
  CHECK_FALSE(Integer{std::string_view{"18446744073709551616"}}.small());
}
