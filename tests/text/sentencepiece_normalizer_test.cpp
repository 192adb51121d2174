// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/sentencepiece_normalizer.hpp>

#include <doctest/doctest.h>

#include "charsmap_cases.hpp"

using namespace ingot::text;

namespace {
std::string apply(const normalize::SentencePiece& spec, std::string_view text, bool starts_input = true) {
  std::string out;
  normalize_sentencepiece(spec, kept_texts(spec), text, starts_input, out);
  return out;
}
}  // namespace

TEST_CASE("blanks are one, marked, and in front or behind") {
  CHECK(apply({}, "  a  b ") == "▁a▁b");
  CHECK(apply({.prefix = DummyPrefix::suffix}, "a b") == "a▁b▁");
  CHECK(apply({.prefix = DummyPrefix::none}, " a") == "a");
  CHECK(apply({.remove_extra_whitespaces = false}, " a ") == "▁▁a▁");
  CHECK(apply({.escape_whitespaces = false}, "a  b ") == " a b");
  CHECK(apply({}, "   ").empty());
}

TEST_CASE("a prefix only where the input starts") {
  const normalize::SentencePiece spec{.prefix = DummyPrefix::first};
  CHECK(apply(spec, "a") == "▁a");
  CHECK(apply(spec, "a", false) == "a");
  CHECK(apply(spec, "  a", false) == "▁a");
}

TEST_CASE("the longest rule applies, and none to what is kept") {
  const normalize::SentencePiece spec{.rules = *ingot::text::Charsmap::parse(charsmap_cases::blob()), .kept = {"A\tA", "b  c"}};
  CHECK(apply(spec, "A\u030A\tA") == "▁xyz▁a");
  CHECK(apply(spec, "AA\tA") == "▁aA\tA");
  CHECK(apply(spec, "b  c") == "▁b▁▁c");
}
