// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/content_range.hpp>

#include <doctest/doctest.h>

using namespace ingot::acquire;

static_assert(parse_content_range("bytes 0-99/200")->range == ByteRange{0, 100});
static_assert(parse_content_range("Bytes 0-99/200")->total == 200);
static_assert(!parse_content_range("bytes 0-99/*")->total && parse_content_range("bytes 0-99/*")->range);
static_assert(!parse_content_range("bytes */200")->range && parse_content_range("bytes */200")->total == 200);

TEST_CASE("all else says nothing") {
  for (const char* const bad : {"", "bytes", "bytes ", "bytes 0-99", "bytes 99-0/200", "bytes 0-200/200", "bytes -5/200", "bytes 0-/200",
                                "items 0-9/10", "bytes=0-9/10", "bytes 0-9/10x", "bytes 0-9/", "bytes 99999999999999999999-1/2",
                                "bytes 0-18446744073709551615/*", "bytes 0 -9/10"}) {
    CAPTURE(bad);
    CHECK(!parse_content_range(bad));
  }
  CHECK(parse_number("18446744073709551615") == ~std::uint64_t{0});
  CHECK(!parse_number("18446744073709551616"));
  CHECK(!parse_number("+1"));
}
