// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/marked_words.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("words begin at marks, and a run of unknown ones is one token") {
  const std::vector<std::string> texts{"<unk>", "▁ab", "c", "▁", "<0xE2>", "<0x96>", "<0x81>", "<0x78>"};
  std::string bytes;
  std::vector<std::uint32_t> offsets{0}, ids;
  for (const std::string& text : texts) {
    bytes += text;
    offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    ids.push_back(static_cast<std::uint32_t>(ids.size()));
  }
  const auto slots = TokenTable::make_slots({offsets, bytes, {}}, ids);
  const TokenTable tokens{offsets, bytes, slots};
  const auto encode = [&](std::string_view piece, MarkedWordsOptions options) {
    MarkedWords::Scratch scratch;
    std::vector<std::int32_t> out{0};  // what is there before counts for no run
    MarkedWords{tokens, options}.encode(piece, scratch, out);
    return std::vector<std::int32_t>{out.begin() + 1, out.end()};
  };
  using Ids = std::vector<std::int32_t>;
  CHECK(encode("", {.unknown = 0}) == Ids{});
  CHECK(encode("c▁ab▁▁ab", {.unknown = 0}) == Ids{2, 1, 3, 1});
  CHECK(encode("x▁c▁ab▁abc", {.unknown = 0}) == Ids{0, 1, 0});
  CHECK(encode("▁ab▁x▁ab", {.unknown = 0, .byte_fallback = true}) == Ids{1, 4, 5, 6, 7, 1});
  CHECK(encode("xy", {.unknown = 0, .byte_fallback = true}) == Ids{7});
  CHECK(encode("x▁ab", {.unknown = 99}) == Ids{1});
  CHECK(encode("x▁ab", {}) == Ids{1});
  CHECK(encode("x▁ab▁c", {.unknown = 0, .unspoken = {7, 1}}) == Ids{0});
}
