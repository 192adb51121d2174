// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/word_level.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("a piece is a token, unknown, or nothing") {
  const std::string bytes = "ab<unk>";
  const std::vector<std::uint32_t> offsets{0, 2, 7}, ids{0, 1};
  const auto slots = TokenTable::make_slots({offsets, bytes, {}}, ids);
  const TokenTable tokens{offsets, bytes, slots};
  const auto encode = [&](std::string_view word, std::uint32_t unknown) {
    WordLevel::Scratch scratch;
    std::vector<std::int32_t> out;
    WordLevel{tokens, {unknown}}.encode(word, scratch, out);
    return out;
  };
  CHECK(encode("ab", 1) == std::vector<std::int32_t>{0});
  CHECK(encode("a", 1) == std::vector<std::int32_t>{1});
  CHECK(encode("a", no_token).empty());
  CHECK(encode("a", 2).empty());
}
