// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/bpe.hpp>

#include <map>
#include <random>
#include <string>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {

/// Texts and merges that outlive the views of a Bpe.
struct Model {
  std::string bytes;
  std::vector<std::uint32_t> offsets{0}, slots;
  std::vector<Merge> merge_slots;
  std::map<std::string, std::uint32_t> ids;

  explicit Model(const std::vector<std::string>& tokens, const std::vector<std::pair<std::string, std::string>>& merges) {
    std::vector<std::uint32_t> members;
    for (const std::string& token : tokens) {
      members.push_back(static_cast<std::uint32_t>(ids.size()));
      ids.emplace(token, members.back());
      bytes += token;
      offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    slots = TokenTable::make_slots({offsets, bytes, {}}, members);
    std::vector<Merge> list;
    for (const auto& [left, right] : merges)
      list.push_back({ids.at(left), ids.at(right), static_cast<std::uint32_t>(list.size()), ids.at(left + right)});
    merge_slots = MergeTable::make_slots(list);
  }
  [[nodiscard]] Bpe bpe(BpeOptions options = {}, bool raw = false) const {
    return {TokenTable{offsets, bytes, slots}, MergeTable{merge_slots}, std::move(options), raw};
  }
  [[nodiscard]] std::string encode(const Bpe& bpe, std::string_view piece) const {
    BpeScratch scratch;
    std::vector<std::int32_t> out;
    bpe.encode(piece, scratch, out);
    std::string joined;
    for (const auto id : out)
      joined.append(joined.empty() ? "" : "|").append(TokenTable{offsets, bytes, {}}.text(static_cast<std::uint32_t>(id)));
    return joined;
  }
};

const Model letters{{"a", "b", "c", "ab", "bc", "abc", "aa", "aaaa"}, {{"b", "c"}, {"a", "b"}, {"a", "bc"}, {"a", "a"}, {"aa", "aa"}}};

}  // namespace

TEST_CASE("the lowest rank goes first, then the leftmost") {
  const Bpe bpe = letters.bpe();
  CHECK(letters.encode(bpe, "abc") == "abc");  // b+c before a+b
  CHECK(letters.encode(bpe, "ab") == "ab");
  CHECK(letters.encode(bpe, "aaa") == "aa|a");
  CHECK(letters.encode(bpe, "aaaaaaa") == "aaaa|aa|a");
  CHECK(letters.encode(bpe, "cba") == "c|b|a");
  CHECK(letters.encode(bpe, "axb") == "ab");  // without an unknown token the character is dropped, as if it were not there
}

TEST_CASE("the heap does what a search for the best pair does") {
  std::mt19937 random{5};
  std::vector<std::string> tokens{"a", "b", "c", "d"};
  std::vector<std::pair<std::string, std::string>> merges;
  while (merges.size() < 60) {
    const std::string left = tokens[random() % tokens.size()], right = tokens[random() % tokens.size()];
    if (left.size() + right.size() > 9 || std::find(tokens.begin(), tokens.end(), left + right) != tokens.end()) continue;
    merges.emplace_back(left, right);
    tokens.push_back(left + right);
  }
  const Model model{tokens, merges};
  const Bpe bpe = model.bpe();
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> parts;
    std::string text;
    for (std::size_t i = random() % 60 + 1; i-- > 0;) text.push_back("abcd"[random() % 4]);
    for (const char c : text) parts.emplace_back(1, c);
    for (bool again = true; again;) {
      again = false;
      for (const auto& [left, right] : merges)
        for (std::size_t i = 0; i + 1 < parts.size() && !again; ++i)
          if (parts[i] == left && parts[i + 1] == right) {
            parts[i] += parts[i + 1];
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            again = true;
          }
    }
    std::string expected;
    for (const std::string& part : parts) expected.append(expected.empty() ? "" : "|").append(part);
    REQUIRE(model.encode(bpe, text) == expected);
  }
}

TEST_CASE("a long piece takes n log n") {
  const Bpe bpe = letters.bpe();
  BpeScratch scratch;
  std::vector<std::int32_t> out;
  bpe.encode(std::string(1'000'000, 'a'), scratch, out);
  CHECK(out.size() == 250'000);
}

TEST_CASE("unknown characters") {
  const Model model{{"<unk>", "a", "<0x78>", "<0xC3>", "<0xA9>"}, {}};
  const BpeOptions plain{.unknown = 0}, fused{.unknown = 0, .fuse_unknown = true},
      bytes{.unknown = 0, .fuse_unknown = true, .byte_fallback = true};
  CHECK(model.encode(model.bpe(plain), "ayya") == "a|<unk>|<unk>|a");
  CHECK(model.encode(model.bpe(fused), "ayyay") == "a|<unk>|a|<unk>");
  CHECK(model.encode(model.bpe(bytes), "xa\u00e9y") == "<0x78>|a|<0xC3>|<0xA9>|<unk>");
  CHECK(model.encode(model.bpe(bytes), "yxa") == "<0x78>|<unk>|a");  // the waiting unknown comes behind the bytes
}

TEST_CASE("prefix, suffix, and pieces that are tokens") {
  const Model model{{"a", "##a", "a</w>", "##a</w>", "xy", "x", "y"}, {}};
  CHECK(model.encode(model.bpe({.continuing_prefix = "##", .end_suffix = "</w>"}), "aaa") == "a|##a|##a</w>");
  CHECK(model.encode(model.bpe({.continuing_prefix = "##", .end_suffix = "</w>"}), "a") == "a</w>");
  CHECK(model.encode(model.bpe(), "xy") == "x|y");
  CHECK(model.encode(model.bpe({.ignore_merges = true}), "xy") == "xy");
}

TEST_CASE("raw bytes stand for their characters of the byte alphabet") {
  const Model model{{"\u0120", "a", "\u0120a"}, {{"\u0120", "a"}}};
  CHECK(model.encode(model.bpe({}, true), " a") == "\u0120a");
  CHECK(model.encode(model.bpe({.ignore_merges = true}, true), " a") == "\u0120a");
  CHECK(model.encode(model.bpe({}, false), "\u0120a") == "\u0120a");
}

TEST_CASE("damaged merges lead nowhere") {
  const std::vector<std::uint32_t> offsets{0, 1, 2}, members{0, 1};
  const auto slots = TokenTable::make_slots({offsets, "ab", {}}, members);
  const std::vector<Merge> wild(4, Merge{0, 1, 0, 4'000'000});
  const Bpe bpe{TokenTable{offsets, "ab", slots}, MergeTable{wild}, {}, false};
  BpeScratch scratch;
  std::vector<std::int32_t> out;
  bpe.encode("ab", scratch, out);
  CHECK(out == std::vector<std::int32_t>{0, 1});
}

TEST_CASE("a text is cut where no merge joins its characters") {
  const std::string mark = "\u2581";
  const std::vector<std::string> tokens{"a", "b", mark, "<unk>", "<0x0A>", mark + "a", mark + mark, "ab"};
  const std::vector<std::pair<std::string, std::string>> merges{{mark, mark}, {mark, "a"}, {"a", "b"}};
  const Model model{tokens, merges};
  const TokenTable texts{model.offsets, model.bytes, {}};
  const std::vector<Merge> own{{2, 2, 0, 6}, {2, 0, 1, 5}, {0, 1, 2, 7}};
  const JoinedPairs joined{own, texts, 3};
  REQUIRE(joined);
  const Bpe whole = model.bpe({.unknown = 3}), cut = model.bpe({.unknown = 3, .joined = joined});
  std::mt19937 random{9};
  for (int round = 0; round < 200; ++round) {
    std::string text, parts;
    for (std::size_t i = random() % 60 + 1; i-- > 0;) text += std::string_view{"ab?"}[random() % 3], text += random() % 2 == 0 ? mark : "";
    for (std::size_t at = 0, end = 0; at < text.size(); at = end) {
      end = cut.part_end(text, at);
      REQUIRE(end > at);
      parts.append(parts.empty() ? "" : "|").append(model.encode(cut, std::string_view{text}.substr(at, end - at)));
    }
    CHECK(parts == model.encode(whole, text));
    CHECK(whole.part_end(text, 0) == text.size());
  }
  CHECK(cut.part_end("a" + mark + mark + "ab" + mark, 0) == 1);
  CHECK(cut.part_end("a" + mark + mark + "ab" + mark, 1) == 9);
  const Bpe fused = model.bpe({.unknown = 3, .fuse_unknown = true, .joined = joined});
  CHECK(fused.part_end("??", 0) == 2);  // they are one token together
}
