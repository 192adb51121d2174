// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/charsmap.hpp>

#include <doctest/doctest.h>

#include "charsmap_cases.hpp"

using namespace ingot;
using namespace ingot::text;

TEST_CASE("the longest and the shortest rule") {
  const auto map = Charsmap::parse(charsmap_cases::blob());
  REQUIRE(map);
  const std::string ring = "A\u030Ab";
  REQUIRE((map->longest(ring) && map->shortest(ring)));
  CHECK((map->longest(ring)->size == 3 && map->longest(ring)->replacement == "xyz"));
  CHECK((map->shortest(ring)->size == 1 && map->shortest(ring)->replacement == "a"));
  CHECK(map->longest("A\u0301")->replacement == "a");
  CHECK(map->longest("\tx")->replacement == " ");
  for (const std::string& text : {std::string{}, std::string{"b"}, std::string{"\u030A"}, std::string(1, '\0')}) CHECK(!map->longest(text));
}

TEST_CASE("survives the archive") {
  const auto map = Charsmap::parse(charsmap_cases::blob());
  ArchiveWriter writer;
  writer(*map);
  ArchiveReader reader{writer.bytes()};
  Charsmap read;
  reader(read);
  REQUIRE((reader.ok() && reader.at_end()));
  CHECK(read.longest("A")->replacement == "a");
}

TEST_CASE("hostile maps have fewer rules or are refused") {
  const std::string whole = charsmap_cases::blob();
  for (const std::string_view blob : {std::string_view{whole}.substr(0, 3), std::string_view{whole}.substr(0, 100)})
    CHECK(Charsmap::parse(blob).error().code == ErrorCode::damaged);
  CHECK(!Charsmap::parse(whole + "\xff"));
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int bits : {0x01, 0x80, 0xff}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ bits);
      const auto map = Charsmap::parse(changed);
      if (!map) continue;
      for (const std::string_view text : {"A\u030A", "\t", "b"})
        if (const auto rule = map->longest(text)) CHECK(rule->replacement.size() < 8);
    }
  CHECK(!Charsmap{}.longest("A"));
}
