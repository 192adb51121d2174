// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/link_header.hpp>

#include <doctest/doctest.h>

using ingot::acquire::next_link;

TEST_CASE("the next page") {
  CHECK(next_link(R"(<https://h/a?x=1>; rel="next")") == "https://h/a?x=1");
  CHECK(next_link(R"(<https://h/z>; rel="last", <https://h/a,b;c>; title="x; y, z"; rel=next)") == "https://h/a,b;c");
  CHECK(next_link("</relative>;REL=\"Next\"") == "/relative");
  CHECK(!next_link(R"(<https://h/z>; rel="prev")"));
  for (const char* broken : {"", "<", "<a", "a>; rel=next", "<a>; rel=\"", "<a>;;;", "<a>; rel", "<a>; =next", ","})
    CHECK_MESSAGE(!next_link(broken), broken);
}
