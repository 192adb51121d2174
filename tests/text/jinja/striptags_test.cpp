// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/striptags.hpp>

#include <doctest/doctest.h>

using namespace ingot::text::jinja;

TEST_CASE("tags and comments go, white space collapses, entities are resolved") {
  CHECK(without_tags("<p>a <!-- <b> -->  b</p>\n c") == "a b c");
  CHECK(without_tags("a < b") == "a < b");
  CHECK(without_tags("&lt;&#65;&#x42;&nbsp;&amp;") == "<AB\u00a0&");
}

TEST_CASE("odd entities stay, impossible ones are replaced") {
  CHECK(unescaped("&;&nosuch;&#;&#x;&amp") == "&;&nosuch;&#;&#x;&amp");
  CHECK(unescaped("&#xD800;&#0;&#99999999;") == "\uFFFD\uFFFD\uFFFD");
  CHECK(unescaped(std::string(100'000, '&')).size() == 100'000);
}
