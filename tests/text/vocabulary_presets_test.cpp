// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/vocabulary_presets.hpp>

#include <ingot/text/pre_tokenizer.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

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
  const auto split = [](std::string_view pre, std::string_view text) {
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
  };
  CHECK(split("jais-2", "a       b    12345 it'LL\n\n") == "a|    |  | b|  | | |123|45| it|'LL|\n\n|");
  CHECK(split("youtu", "don't 12\u3001\u4f60\u597d\u3107\ud55c\uae00 Ab/\n") ==
        "don't| |1|2|\u3001|\u4f60\u597d|\u3107|\ud55c\uae00| Ab|/\n|");
  CHECK(split("laguna", "a \n\n b12!\n") == "a| |\n\n| b|1|2|!|\n|");
}
