// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/json_text.hpp>

#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

#include <ingot/core/json.hpp>

using namespace ingot;

TEST_CASE("every character of a string survives") {
  std::string text = "\"\\/ \xe2\x82\xac";
  for (char c = 0; c < 0x20; ++c) text.push_back(c);
  const auto document = json::Document::parse("[" + json::quoted(text) + "]", "test");
  REQUIRE(document);
  REQUIRE(document->root().each_element([&](const json::Value& value) -> Status {
    CHECK(*value.as<std::string>() == text);
    return {};
  }));
}

TEST_CASE("numbers are as short as they can be and read back the same") {
  CHECK(json::number(1e-5f) == "1e-05");
  CHECK(json::number(0.1) == "0.1");
  CHECK(json::number(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(json::number(std::int8_t{-7}) == "-7");
  CHECK(json::number(true) == "true");
  CHECK(json::number(std::numeric_limits<float>::infinity()) == "null");
  CHECK(json::number(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("an object keeps the order of its members") {
  json::ObjectText object;
  object.add("b", 1).add("a\"", "x").add_raw("c", "[null]").add("d", false);
  CHECK(std::move(object).str() == R"({"b":1,"a\"":"x","c":[null],"d":false})");
  CHECK(json::ObjectText{}.str() == "{}");
}
