// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/post_processor.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("a later processor goes around an earlier one") {
  PostProcessor around;
  around.wrap({{1}, {2}});
  around.wrap({{3, 4}, {}});
  around.wrap({{}, {5}});
  CHECK(around.prefix == std::vector<std::uint32_t>{3, 4, 1});
  CHECK(around.suffix == std::vector<std::uint32_t>{2, 5});
}
