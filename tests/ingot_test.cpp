// SPDX-License-Identifier: Apache-2.0
#include <ingot/ingot.hpp>

#include <type_traits>

#include <doctest/doctest.h>

static_assert(std::is_constructible_v<ingot::Chat, ingot::LanguageModel&>);

TEST_CASE("the umbrella opens models, and says what is not there") {
  const auto missing = ingot::open("there/is/no/such/model");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ingot::ErrorCode::not_found);
  CHECK(missing.error().message().find("there/is/no/such/model") != std::string::npos);
}
