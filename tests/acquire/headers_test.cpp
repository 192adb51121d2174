// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/headers.hpp>

#include <doctest/doctest.h>

using namespace ingot::acquire;

TEST_CASE("names are compared without case, values are kept in order") {
  Headers headers{{"Link", "a"}, {"ETag", "\"x\""}, {"LINK", "b"}};
  CHECK(headers.get("link") == "a");
  CHECK(headers.get("etag") == "\"x\"");
  CHECK(headers.get("none").empty());
  CHECK(!headers.has("none"));
  std::string all;
  headers.each("Link", [&](std::string_view value) { all += value; });
  CHECK(all == "ab");
  headers.set("link", "c");
  CHECK(headers.size() == 2);
  CHECK(headers.get("Link") == "c");
  headers.remove("ETAG");
  CHECK(headers.size() == 1);
}

static_assert(equal_ignoring_case("Content-Type", "content-TYPE") && !equal_ignoring_case("a", "ab") && !equal_ignoring_case("[", "{"));
static_assert(trimmed(" \t a b\r\n") == "a b" && trimmed(" \r\n").empty());
