// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/piece_cache.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("pieces are found with their own tokens or not at all") {
  PieceCache cache;
  std::vector<std::int32_t> out;
  CHECK_FALSE(cache.find("a", out));
  for (std::int32_t i = 0; i < 100'000; ++i) cache.insert("piece " + std::to_string(i), std::vector<std::int32_t>{i, i + 1});
  int found = 0;
  for (std::int32_t i = 0; i < 100'000; ++i) {
    out.clear();
    if (!cache.find("piece " + std::to_string(i), out)) continue;
    ++found;
    REQUIRE(out == std::vector<std::int32_t>{i, i + 1});
  }
  CHECK(found > 12'000);  // of 16 384 entries, nearly all are taken
}

TEST_CASE("what is too long is not kept") {
  PieceCache cache;
  std::vector<std::int32_t> out;
  const std::string fits(30, 'x'), too_long(31, 'x');
  cache.insert(fits, std::vector<std::int32_t>(8, 1));
  cache.insert(too_long, std::vector<std::int32_t>{1});
  cache.insert("many", std::vector<std::int32_t>(9, 1));
  CHECK(cache.find(fits, out));
  CHECK(out.size() == 8);
  CHECK_FALSE(cache.find(too_long, out));
  CHECK_FALSE(cache.find("many", out));
}
