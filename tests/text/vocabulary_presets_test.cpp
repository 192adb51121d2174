// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/vocabulary_presets.hpp>

#include <ingot/text/pre_tokenizer.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
std::string split(std::string_view pre, std::string_view text) {
  std::vector<PreTokenizerSpec> specs;
  for (const std::string_view pattern : find_preset(pre)->patterns)
    if (!pattern.empty()) specs.emplace_back(pre::Split{{std::string{pattern}, true}, SplitBehavior::isolated, false});
  const auto compiled = PreTokenizer::compile(std::move(specs), false);
  REQUIRE(compiled);
  PreTokenized pieces;
  RegexScratch scratch;
  pieces.reset(text, true);
  REQUIRE(compiled->apply(pieces, scratch));
  std::string out;
  for (const Span piece : pieces.pieces) out.append(piece.of(pieces.text)).append("|");
  return out;
}
}  // namespace

TEST_CASE("every pattern compiles") {
  for (const VocabularyPreset& preset : vocabulary_presets) {
    INFO(preset.names);
    CHECK((preset.names.starts_with(' ') && preset.names.ends_with(' ')));
    for (const std::string_view pattern : preset.patterns)
      if (!pattern.empty()) CHECK(Regex::compile(pattern));
  }
}

TEST_CASE("names are whole and unique") {
  for (const std::string_view name : {"", " ", "llama", "gpt", "qwen", "qwen2 ", "nonesuch"}) CHECK(find_preset(name) == nullptr);
  for (const VocabularyPreset& preset : vocabulary_presets)
    for (std::size_t at = 1; at < preset.names.size();) {
      const std::size_t end = preset.names.find(' ', at);
      CHECK(find_preset(preset.names.substr(at, end - at)) == &preset);
      at = end + 1;
    }
}

TEST_CASE("pieces of those whose patterns are their own") {
  CHECK(split("jais-2", "a       b    12345 it'LL\n\n") == "a|    |  | b|  | | |123|45| it|'LL|\n\n|");
  CHECK(split("youtu", "don't 12\u3001\u4f60\u597d\u3107\ud55c\uae00 Ab/\n") ==
        "don't| |1|2|\u3001|\u4f60\u597d|\u3107|\ud55c\uae00| Ab|/\n|");
  CHECK(split("laguna", "a \n\n b12!\n") == "a| |\n\n| b|1|2|!|\n|");
  CHECK(split("afmoe", "1234567 12345 123 1\u0e01\u0e40a\u4f60\u597dx_Ab\n") ==
        "1|234|567| |12|345| |123| |1|\u0e01|\u0e40|a|\u4f60\u597d|x|_Ab|\n|");
  CHECK(split("spark2_5", "a!\n\nb 1234") == "a|!|\n|\n|b| |1|2|3|4|");
  CHECK(split("hy_v4", "a!\n\nb 1234") == "a|!\n\n|b| |123|4|");
  CHECK(split("k2-horizon", "\u0915\u094d\u200d\u0937 it'LL 1234") == "\u0915\u094d\u200d\u0937| it|'LL| |123|4|");
  CHECK(split("llama3", "\u0915\u094d\u200d\u0937") == "\u0915|\u094d\u200d|\u0937|");
  CHECK(split("ufakzeka", "Ankara'da 12") == "Ankara|'da| |1|2|");
  CHECK(split("granite-embed-multi-97m", "aB\u0915\u094d 12's") == "a|B\u0915\u094d| |12|'s|");
}

TEST_CASE("a run of digits takes linear time") {
  CHECK(split("afmoe", std::string(1 << 20, '7')).size() == (1 << 20) + ((1 << 20) + 2) / 3);
}

TEST_CASE("words that are tokens stay whole") {
  for (const std::string_view pre : {"glm4", "glm5", "granite-embed-multi-97m", "youtu"}) CHECK(find_preset(pre)->ignore_merges);
  CHECK_FALSE(find_preset("chatglm-bpe")->ignore_merges);
}
