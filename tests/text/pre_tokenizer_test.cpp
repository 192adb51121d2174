// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/pre_tokenizer.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
std::string cut(std::vector<PreTokenizerSpec> specs, std::string_view text, std::size_t lead = 1) {
  const auto chain = PreTokenizer::compile(std::move(specs));
  REQUIRE(chain);
  PreTokenized state;
  RegexScratch scratch;
  state.reset(text, lead);
  REQUIRE(chain->apply(state, scratch));
  std::string joined;
  for (const Span piece : state.pieces) {
    CHECK(piece.size() > 0);
    joined.append(joined.empty() ? "" : "|").append(piece.of(state.text));
  }
  return joined;
}
constexpr auto isolated = SplitBehavior::isolated;
}  // namespace

TEST_CASE("GPT-2's words") {
  CHECK(cut({pre::ByteLevel{false, true}}, "I'm here,  now 12\n\n x") == "I|'m| here|,| | now| 12|\n\n| x");
  CHECK(cut({pre::ByteLevel{true, true}}, "a b") == " a| b");
  CHECK(cut({pre::ByteLevel{true, false}}, " a b") == " a b");
  CHECK(cut({pre::ByteLevel{false, true}}, "").empty());
}

TEST_CASE("a last ByteLevel leaves bytes, an earlier one spells them") {
  const auto last = PreTokenizer::compile({pre::Digits{true}, pre::ByteLevel{false, false}});
  const auto first = PreTokenizer::compile({pre::ByteLevel{false, false}, pre::Digits{true}});
  CHECK((last->raw_bytes() && !first->raw_bytes() && !PreTokenizer::compile({})->raw_bytes()));
  CHECK(cut({pre::ByteLevel{false, false}, pre::Digits{false}}, " 12") == "\u0120|12");
}

TEST_CASE("splits, digits, punctuation, white space in a row") {
  CHECK(cut({pre::Digits{true}}, "a12\u00bd") == "a|1|2|\u00bd");
  CHECK(cut({pre::Digits{false}}, "a12b3") == "a|12|b|3");
  CHECK(cut({pre::Punctuation{isolated}}, "a$,b") == "a|$|,|b");
  CHECK(cut({pre::WhitespaceSplit{}}, " a \n b ") == "a|b");
  CHECK(cut({pre::Split{{"\\p{N}{1,3}", true}, isolated, false}, pre::Split{{"b", false}, SplitBehavior::removed, false}}, "abc12345") ==
        "a|c|123|45");
  CHECK(cut({pre::Split{{"", false}, isolated, false}}, "a\u00e9") == "a|\u00e9");
}

TEST_CASE("words, and pieces of a length") {
  CHECK(cut({pre::Whitespace{}}, " Hey_1 man!?\n\u00e9\u0301-x ") == "Hey_1|man|!?|\u00e9\u0301|-|x");
  CHECK(cut({pre::Whitespace{}}, " \n").empty());
  CHECK(cut({pre::FixedLength{2}}, "ab\u00e9\U0001f600x") == "ab|\u00e9\U0001f600|x");
  CHECK(cut({pre::Split{{"-", false}, SplitBehavior::removed, false}, pre::FixedLength{2}}, "abc-d") == "ab|c|d");
  CHECK(!PreTokenizer::compile({pre::FixedLength{0}}));
}

TEST_CASE("metaspace") {
  CHECK(cut({pre::Metaspace{"_", PrependScheme::always, true}}, "a b  c") == "_a|_b|_|_c");
  CHECK(cut({pre::Metaspace{"_", PrependScheme::never, false}}, "a b") == "a_b");
  CHECK(cut({pre::Metaspace{"_", PrependScheme::first, true}}, "a b", true) == "_a|_b");
  CHECK(cut({pre::Metaspace{"_", PrependScheme::first, true}}, "a b", false) == "a|_b");
  CHECK(cut({pre::Split{{"x", false}, SplitBehavior::removed, false}, pre::Metaspace{"_", PrependScheme::first, true}}, "xa") == "a");
}

TEST_CASE("Metaspace before the pieces that begin in the first character") {
  const pre::Metaspace mark{"_", PrependScheme::first, false};
  const pre::Split letters{{"[a-z]", true}, isolated, false};
  CHECK(cut({mark}, "ab") == "_ab");
  CHECK(cut({mark}, "ab", 0) == "ab");
  CHECK(cut({letters, mark}, "abc") == "_a|b|c");
  CHECK(cut({letters, mark}, "abc", 2) == "_a|_b|c");
  CHECK(cut({mark, letters, mark}, "ab") == "_|_a|b");
  CHECK(cut({pre::WhitespaceSplit{}, mark}, " ab") == "ab");
  CHECK((PreTokenizer::compile({mark})->asks_lead() && !PreTokenizer::compile({pre::Metaspace{}})->asks_lead()));
}
