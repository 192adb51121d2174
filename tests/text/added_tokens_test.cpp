// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/added_tokens.hpp>

#include <random>
#include <string>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
struct Finder {
  std::string bytes;
  std::vector<AddedEntry> entries;
  explicit Finder(std::vector<std::pair<std::string, std::uint32_t>> tokens) {
    std::sort(tokens.begin(), tokens.end());
    for (const auto& [content, flags] : tokens) {
      entries.push_back({static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(content.size()),
                         static_cast<std::uint32_t>(entries.size()), flags});
      bytes += content;
    }
  }
  /// Tokens in brackets.
  [[nodiscard]] std::string split(std::string_view text) const {
    std::vector<Fragment> out;
    AddedTokenFinder{entries, bytes}.split(text, out);
    std::string shown;
    for (const Fragment& f : out) shown.append(f.is_token ? "[" : "").append(f.span.of(text)).append(f.is_token ? "]" : "|");
    return shown;
  }
};
}  // namespace

TEST_CASE("leftmost, then longest") {
  const Finder finder{{{"ab", 0}, {"abcd", 0}, {"bcde", 0}, {"a", 0}, {"\u00e9", 0}}};
  CHECK(finder.split("xabcdey") == "x|[abcd]ey|");
  CHECK(finder.split("abcab") == "[ab]c|[ab]");
  CHECK(finder.split("abce\u00e9") == "[ab]ce|[\u00e9]");
  CHECK(finder.split("").empty());
  CHECK(finder.split("zzz") == "zzz|");
}

TEST_CASE("white space on either side, and whole words") {
  const Finder finder{{{"<l>", AddedEntry::lstrip}, {"<r>", AddedEntry::rstrip}, {"w", AddedEntry::single_word}}};
  CHECK(finder.split("a \n<l> b") == "a|[ \n<l>] b|");
  CHECK(finder.split("a <r>\u3000 b") == "a |[<r>\u3000 ]b|");
  CHECK(finder.split("<r>  <l>x") == "[<r>  ][<l>]x|");  // blanks that are taken are not taken twice
  CHECK(finder.split("w aw wa (w)\u00e9w") == "[w] aw wa (|[w])\u00e9w|");
}

TEST_CASE("a token of white space that the one before it has taken") {
  const Finder finder{{{"<r>", AddedEntry::rstrip}, {" ", 0}, {"\n", AddedEntry::lstrip}}};
  CHECK(finder.split("<r> x") == "[<r> ][ ]x|");  // it counts all the same
  CHECK(finder.split("<r>\nx") == "[<r>\n]x|");   // unless it wants white space itself
}

TEST_CASE("equal to a plain search") {
  std::mt19937 random{9};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<std::string, std::uint32_t>> tokens;
    for (std::size_t i = random() % 8 + 1; i-- > 0;) {
      std::string token;
      for (std::size_t n = random() % 4 + 1; n-- > 0;) token.push_back("abc"[random() % 3]);
      if (std::none_of(tokens.begin(), tokens.end(), [&](const auto& t) { return t.first == token; })) tokens.emplace_back(token, 0);
    }
    std::string text, expected, gap;
    for (std::size_t n = random() % 30; n-- > 0;) text.push_back("abcd"[random() % 4]);
    for (std::size_t at = 0; at < text.size();) {
      std::string best;
      for (const auto& [token, flags] : tokens)
        if (text.compare(at, token.size(), token) == 0 && token.size() > best.size()) best = token;
      if (best.empty()) {
        gap.push_back(text[at++]);
        continue;
      }
      expected += (gap.empty() ? "" : gap + "|") + "[" + best + "]";
      gap.clear();
      at += best.size();
    }
    REQUIRE(Finder{tokens}.split(text) == expected + (gap.empty() ? "" : gap + "|"));
  }
}
