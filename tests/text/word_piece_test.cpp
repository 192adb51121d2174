// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/word_piece.hpp>

#include <numeric>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
using Ids = std::vector<std::int32_t>;

struct Vocabulary {
  std::string bytes;
  std::vector<std::uint32_t> offsets{0}, slots;
  explicit Vocabulary(const std::vector<std::string>& tokens) {
    for (const auto& token : tokens) offsets.push_back(static_cast<std::uint32_t>((bytes += token).size()));
    std::vector<std::uint32_t> ids(tokens.size());
    std::iota(ids.begin(), ids.end(), 0u);
    slots = TokenTable::make_slots({offsets, bytes, {}}, ids);
  }
  [[nodiscard]] Ids encode(std::string_view word, const WordPieceOptions& options) const {
    WordPieceScratch scratch;
    Ids ids;
    WordPiece{TokenTable{offsets, bytes, slots}, options}.encode(word, scratch, ids);
    return ids;
  }
};
const Vocabulary vocabulary{{"[UNK]", "un", "##aff", "##able", "##a", "\u00fc", "##\u00fc", "aff", "unaff"}};
}  // namespace

TEST_CASE("the longest token first") {
  const WordPieceOptions options{.unknown = 0};
  CHECK(vocabulary.encode("unaffable", options) == Ids{8, 3});
  CHECK(vocabulary.encode("un", options) == Ids{1});
  CHECK(vocabulary.encode("unaaff", options) == Ids{1, 4, 2});
  CHECK(vocabulary.encode("\u00fc\u00fc", options) == Ids{5, 6});
}

TEST_CASE("a word that ends in something unknown is unknown as a whole") {
  CHECK(vocabulary.encode("unaffx", {.unknown = 0}) == Ids{0});
  CHECK(vocabulary.encode("x", {.unknown = 0}) == Ids{0});
  CHECK(vocabulary.encode("x", {}).empty());
  CHECK(vocabulary.encode("x", {.unknown = 99}).empty());
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(vocabulary.encode("\u00fc\u00fc", {.unknown = 0, .max_characters = 2}) == Ids{5, 6});
  CHECK(vocabulary.encode("\u00fc\u00fc\u00fc", {.unknown = 0, .max_characters = 2}) == Ids{0});
}

TEST_CASE("other prefixes") {
  CHECK(vocabulary.encode("unaff", {.unknown = 0, .continuing_prefix = ""}) == Ids{8});
  CHECK(vocabulary.encode("affun", {.unknown = 0, .continuing_prefix = ""}) == Ids{7, 1});
  CHECK(vocabulary.encode("affun", {.unknown = 0, .continuing_prefix = "a prefix longer than any token"}) == Ids{0});
  CHECK(Vocabulary{{}}.encode("a", {}).empty());
}

TEST_CASE("a long word takes linear time") {
  std::string word(200'000, 'a');
  CHECK(Vocabulary{{"a", "##a"}}.encode(word, {.max_characters = no_token}).size() == word.size());
}
