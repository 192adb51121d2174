// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/escape.hpp>

#include <doctest/doctest.h>

TEST_CASE("the five characters of HTML are escaped") {
  CHECK(ingot::text::jinja::escaped("<a b='1' c=\"2\">&é") == "&lt;a b=&#39;1&#39; c=&#34;2&#34;&gt;&amp;é");
  CHECK(ingot::text::jinja::escaped("") == "");
}
