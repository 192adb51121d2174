// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/post_processor.hpp>

#include <ingot/text/archive.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("survives the archive") {
  ArchiveWriter writer;
  writer(PostProcessor{{1, 2}, {3}});
  ArchiveReader reader{writer.bytes()};
  PostProcessor read;
  reader(read);
  REQUIRE((reader.ok() && reader.at_end()));
  CHECK(read.prefix == std::vector<std::uint32_t>{1, 2});
  CHECK(read.suffix == std::vector<std::uint32_t>{3});
}
