// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/regex_properties.hpp>

#include <string>

#include <ingot/text/regex.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("names in any spelling") {
  for (const std::string_view name : {"Other_Letter", "other letter", "OTHERLETTER", "Other-Letter"})
    CHECK(regex_properties::members(name) == R"(\p{Lo})");
  CHECK(regex_properties::members("Lu") == R"(\p{Lu})");
  CHECK(regex_properties::members("Han") == R"(\p{sc:Han})");
  CHECK(regex_properties::members("Extended_Pictographic") == R"(\p{Extended_Pictographic})");
  CHECK(regex_properties::members("Punct") != regex_properties::find(regex_properties::posix, "punct"));
  CHECK(regex_properties::find(regex_properties::posix, "beta").empty());
}

TEST_CASE("PCRE2 knows all of them") {
  for (const auto& [name, members] : regex_properties::named) CHECK(Regex::compile("\\p{" + std::string{name} + "}"));
  for (const auto& [name, members] : regex_properties::posix) CHECK(Regex::compile("[[:" + std::string{name} + ":]]"));
  for (const auto name : regex_properties::binary) CHECK(Regex::compile("\\p{" + std::string{name} + "}"));
}
