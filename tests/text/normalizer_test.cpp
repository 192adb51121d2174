// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/normalizer.hpp>

#include <doctest/doctest.h>

#include "charsmap_cases.hpp"

using namespace ingot::text;
using namespace std::string_view_literals;

namespace {
std::string apply(std::vector<NormalizerSpec> specs, std::string_view text) {
  const auto normalizer = Normalizer::compile(std::move(specs));
  REQUIRE(normalizer);
  std::string storage;
  RegexScratch scratch;
  const auto result = normalizer->apply(text, storage, scratch);
  REQUIRE(result);
  return std::string{*result};
}
}  // namespace

TEST_CASE("Unicode forms") {
  using normalize::Form;
  CHECK(apply({normalize::Unicode{Form::nfc}}, "e\u0301 \u1100\u1161 \u212b") == "\u00e9 \uac00 \u00c5");
  CHECK(apply({normalize::Unicode{Form::nfd}}, "\u00e9\uac00") == "e\u0301\u1100\u1161");
  CHECK(apply({normalize::Unicode{Form::nfkc}}, "\ufb01\u00bd") == "fi1\u20442");
  CHECK(apply({normalize::Unicode{Form::nfkd}}, "\u00e9\u00b2") == "e\u03012");
  CHECK(apply({normalize::Unicode{Form::nfc}}, "a\0b\u0300"sv) == "a\0b\u0300"sv);
}

TEST_CASE("text that stays as it is is not copied") {
  const auto normalizer = Normalizer::compile({normalize::Unicode{normalize::Form::nfc}, normalize::Replace{{"x", false}, "y"}});
  REQUIRE(normalizer);
  std::string storage;
  RegexScratch scratch;
  const std::string_view text = "plain caf\u00e9";
  CHECK(normalizer->apply(text, storage, scratch)->data() == text.data());
}

TEST_CASE("replacements, prefixes, stripping") {
  CHECK(apply({normalize::Prepend{"_"}, normalize::Replace{{" ", false}, "_"}}, "a b") == "_a_b");
  CHECK(apply({normalize::Prepend{"_"}}, "").empty());
  CHECK(apply({normalize::Replace{{" {2,}", true}, "-"}}, "a   b c  ") == "a-b c-");
  CHECK(apply({normalize::Replace{{"b*", true}, "-"}}, "abc") == "-a-c-");
  CHECK(apply({normalize::Strip{true, true}}, "\u3000 a b \n") == "a b");
  CHECK(apply({normalize::Strip{false, true}}, " a ") == " a");
  CHECK(apply({normalize::Strip{true, true}}, " \t ").empty());
}

TEST_CASE("SentencePiece's clean-up") {
  CHECK(apply({normalize::Nmt{}}, "a\tb\x01\x7f\u200b\u2581\ufffd\u00a0\u0085c") == "a b   \u00a0\u0085c");
}

TEST_CASE("BERT's clean-up, each part by itself") {
  CHECK(apply({normalize::Bert{}}, "H\u00c9\t\u4e2d\u200bx\u3000\u0130") == "he  \u4e2d x i");
  CHECK(apply({normalize::Bert{true, false, false, false}}, "\u00c9\0\ufffd\ue000\r\u00a0\u0378"sv) == "\u00c9  \u0378");
  CHECK(apply({normalize::Bert{false, true, false, false}}, "a\u4e2d\t\U0002b820") == "a \u4e2d \t\U0002b820");
  CHECK(apply({normalize::Bert{false, false, true, false}}, "\u00c9\u0903\u20dd\uac00") == "E\u0903\u20dd\u1100\u1161");
  CHECK(apply({normalize::Bert{false, false, false, true}}, "\u00c9\u03a3") == "\u00e9\u03c3");
}

TEST_CASE("letters") {
  CHECK(apply({normalize::Lowercase{}}, "ÀB\u0130\u03a3") == "àbi\u0307\u03c3");
  CHECK(apply({normalize::Unicode{normalize::Form::nfd}, normalize::StripAccents{}}, "\u00e9\u00fc") == "eu");
  CHECK(apply({normalize::StripAccents{}}, "e\u0301\u0903\u20ddx") == "ex");
  CHECK(apply({normalize::ByteLevel{}}, " \u00e9") == "\u0120\u00c3\u00a9");
}

TEST_CASE("compiled rules apply to short graphemes, then to characters") {
  const auto rules = Charsmap::parse(charsmap_cases::blob());
  REQUIRE(rules);
  const auto mapped = [&](std::string_view text) { return apply({normalize::Precompiled{*rules}}, text); };
  CHECK(mapped("A\tAb") == "a ab");
  CHECK(mapped("A\u030A!") == "a!");                  // the shortest rule takes the whole grapheme
  CHECK(mapped("A\u0301\u0301") == "a");              // 5 bytes
  CHECK(mapped("A\u0301\u20dd") == "a\u0301\u20dd");  // 6 bytes: character by character
  CHECK(mapped("plain") == "plain");
}

TEST_CASE("what comes from the input's first character") {
  const auto lead = [](std::vector<NormalizerSpec> specs, std::string_view text) {
    const auto chain = Normalizer::compile(std::move(specs));
    REQUIRE(chain);
    std::string storage;
    RegexScratch scratch;
    std::size_t bytes = code_point_size(text[0]);
    const auto normal = chain->apply(text, storage, scratch, true, &bytes);
    REQUIRE(normal);
    return std::string{normal->substr(0, bytes)};
  };
  const auto replace = [](std::string pattern, std::string content) {
    return normalize::Replace{{std::move(pattern), true}, std::move(content)};
  };
  CHECK(lead({}, "\u00e9a") == "\u00e9");
  CHECK(lead({normalize::Strip{}}, "ab ") == "a");
  CHECK(lead({normalize::Strip{}}, " ab").empty());
  CHECK(lead({normalize::Prepend{"xy"}}, "ab") == "xya");
  CHECK(lead({normalize::Strip{}, normalize::Prepend{"xy"}}, " ab").empty());
  CHECK(lead({normalize::Unicode{normalize::Form::nfkd}}, "\ufb01x") == "fi");
  CHECK(lead({normalize::Unicode{normalize::Form::nfc}}, "e\u0301x") == "\u00e9");
  CHECK(lead({normalize::Unicode{normalize::Form::nfd}}, "\u00e9\u0327x") == "e");  // the cedilla comes between
  CHECK(lead({normalize::StripAccents{}}, "\u0301ab").empty());
  CHECK(lead({replace("[ab]", "xy")}, "abc") == "xy");
  CHECK(lead({replace("ab", "xy")}, "abc").empty());  // belongs to the b
  CHECK(lead({replace("^", "xy")}, "abc") == "xya");
  CHECK(lead({normalize::Strip{}, replace("b", "c")}, " ").empty());
}
