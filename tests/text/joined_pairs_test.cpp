// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/joined_pairs.hpp>

#include <random>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <ingot/text/archive.hpp>

using namespace ingot::text;

namespace {

struct Texts {
  std::string bytes;
  std::vector<std::uint32_t> offsets{0};
  std::uint32_t add(std::string_view text) {
    bytes += text;
    offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    return static_cast<std::uint32_t>(offsets.size() - 2);
  }
  [[nodiscard]] TokenTable table() const { return {offsets, bytes, {}}; }
};

}  // namespace

TEST_CASE("pairs that merges join are in the set, and few others") {
  Texts texts;
  std::vector<std::uint32_t> tokens;
  for (char32_t c = 0x4E00; c < 0x4E00 + 200; ++c) {
    std::string text{"x"};
    append_utf8(text, c);
    tokens.push_back(texts.add(text + "y"));
    text.erase(0, 1);
    tokens.push_back(texts.add(text));
  }
  std::mt19937 random{4};
  std::vector<Merge> merges;
  std::set<std::pair<char32_t, char32_t>> expected;
  const auto ends = [&](std::uint32_t token, bool last) {
    const std::string_view text = texts.table().text(token);
    std::size_t at = last ? previous_code_point(text, text.size()) : 0;
    return next_code_point(text, at);
  };
  for (std::uint32_t rank = 0; rank < 3000; ++rank) {
    const std::uint32_t left = tokens[random() % tokens.size()], right = tokens[random() % tokens.size()];
    merges.push_back({left, right, rank, 0});
    expected.insert({ends(left, true), ends(right, false)});
  }
  const JoinedPairs joined{merges, texts.table(), no_token};
  REQUIRE(joined);
  for (const auto& [left, right] : expected) REQUIRE(joined.contains(left, right));
  std::size_t wrong = 0;
  for (char32_t left = 0; left < 200; ++left)
    for (char32_t right = 0; right < 200; ++right) wrong += joined.contains(0x4E00 + left, 0x8000 + right);
  CHECK(wrong < 40'000 / 6);

  ArchiveWriter writer;
  writer(joined);
  ArchiveReader reader{writer.bytes()};
  JoinedPairs read;
  reader(read);
  CHECK(reader.ok());
  for (const auto& [left, right] : expected) REQUIRE(read.contains(left, right));
}

TEST_CASE("merges of what no text spells leave nothing known") {
  Texts texts;
  const std::uint32_t a = texts.add("a"), unknown = texts.add("<unk>"), byte = texts.add("<0x0A>"), empty = texts.add("");
  const std::vector<Merge> fine{{a, a, 0, 0}}, with_unknown{{unknown, a, 0, 0}}, with_byte{{a, byte, 0, 0}}, with_empty{{empty, a, 0, 0}};
  CHECK(JoinedPairs{fine, texts.table(), unknown});
  CHECK(JoinedPairs{{}, texts.table(), unknown});
  CHECK_FALSE(JoinedPairs{with_unknown, texts.table(), unknown});
  CHECK(JoinedPairs{with_unknown, texts.table(), no_token});
  CHECK_FALSE(JoinedPairs{with_byte, texts.table(), unknown});
  CHECK_FALSE(JoinedPairs{with_empty, texts.table(), unknown});
  CHECK_FALSE(JoinedPairs{});
}
