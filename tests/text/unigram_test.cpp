// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/unigram.hpp>

#include <cmath>
#include <random>
#include <string>

#include <ingot/text/tokenizer.hpp>

#include <doctest/doctest.h>

#include "golden_cases.hpp"

using namespace ingot::text;

namespace {
/// A tokenizer that is nothing but the model.
struct Sample {
  Definition definition;
  explicit Sample(const std::vector<std::pair<std::string, double>>& tokens, UnigramOptions options = {}) {
    double lowest = 1e9;
    for (const auto& [text, score] : tokens) {
      definition.vocabulary.emplace_back(text);
      definition.scores.push_back(score);
      if (!std::isnan(score)) lowest = std::min(lowest, score);
    }
    options.unknown_score = lowest - unknown_penalty;
    definition.components.model = options;
  }
  [[nodiscard]] std::vector<std::int32_t> ids(std::string_view text) const {
    auto tokenizer = Tokenizer::create(definition);
    REQUIRE(tokenizer);
    return *tokenizer->encode(text);
  }
  [[nodiscard]] std::string operator()(std::string_view text) const {
    std::string out;
    for (const auto id : ids(text)) out += (out.empty() ? "" : "|") + *definition.vocabulary[static_cast<std::size_t>(id)];
    return out;
  }
};
const std::vector<std::pair<std::string, double>> letters{{"<unk>", 0}, {"a", 0},  {"b", 0},   {"c", 0},    {"d", 0},
                                                          {"cd", 1},    {"ab", 2}, {"abc", 5}, {"abcd", 10}};
}  // namespace

TEST_CASE("the best path") {
  const Sample model{letters, {.unknown = 0}};
  CHECK(model("abcdacdxx") == "abcd|a|cd|<unk>");
  CHECK(model("xaxxb") == "<unk>|a|<unk>|b");
  CHECK(Sample{letters}("axb") == "a|b");  // nothing stands for x
}

TEST_CASE("of equal paths the one whose last token starts first") {
  const Sample model{{{"a", -1}, {"aa", -2}, {"aaa", -3}}};
  CHECK(model("aaaa") == "a|aaa");
  CHECK(model("aa") == "aa");
}

TEST_CASE("bytes for unknown runs, unless the run is a token's text") {
  std::vector<std::pair<std::string, double>> tokens{{"<unk>", 0}, {"a", -1}};
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (unsigned byte = 0; byte < 256; ++byte) tokens.emplace_back(std::string{"<0x"} + digits[byte >> 4] + digits[byte & 15] + ">", -2);
  tokens.emplace_back("xy", std::nan(""));
  CHECK(Sample{tokens, {.unknown = 0, .byte_fallback = true}}("a\u00e9a") == "a|<0xC3>|<0xA9>|a");
  CHECK(Sample{tokens, {.unknown = 0, .byte_fallback = true}}("axya") == "a|xy|a");
  CHECK(Sample{tokens, {.unknown = 0, .byte_fallback = true, .single_precision = true}}("axya") == "a|<0x78>|<0x79>|a");
  CHECK(Sample{tokens, {.unknown = 0}}("axa") == "a|<unk>|a");
}

TEST_CASE("single precision rounds each sum") {
  const std::vector<std::pair<std::string, double>> tokens{{"a", -1}, {"b", -1e-9}, {"ab", -1 - 2e-9}};
  CHECK(Sample{tokens}("ab") == "a|b");
  CHECK(Sample{tokens, {.single_precision = true}}("ab") == "ab");  // -1 - 1e-9 is not less than -1 in single precision
}

TEST_CASE("random vocabularies: no segmentation scores better") {
  std::mt19937 random{3};
  for (int round = 0; round < 40; ++round) {
    std::vector<std::pair<std::string, double>> tokens{{"<unk>", 0}};
    for (int i = 0; i < 12; ++i) {
      std::string text(1 + random() % 3, ' ');
      for (char& c : text) c = static_cast<char>('a' + random() % 3);
      tokens.emplace_back(text, -1.0 - random() % 1000 / 100.0);
    }
    const Sample model{tokens, {.unknown = 0}};
    std::string text(1 + random() % 12, ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    std::vector<double> best(text.size() + 1, -1e9);
    best[0] = 0;
    const double unknown = std::get<UnigramOptions>(model.definition.components.model).unknown_score;
    for (std::size_t at = 0; at < text.size(); ++at) {
      best[at + 1] = std::max(best[at + 1], best[at] + unknown);
      for (std::size_t id = 1; id < tokens.size(); ++id) {
        std::size_t last = id;  // of equal texts the last counts
        for (std::size_t other = id; other < tokens.size(); ++other)
          if (tokens[other].first == tokens[id].first) last = other;
        const std::size_t size = tokens[id].first.size();
        if (text.compare(at, size, tokens[id].first) == 0 && at + size <= text.size())
          best[at + size] = std::max(best[at + size], best[at] + tokens[last].second);
      }
    }
    double score = 0;
    std::size_t covered = 0;
    for (const auto id : model.ids(text)) {
      score += id == 0 ? 0 : tokens[static_cast<std::size_t>(id)].second;
      covered += id == 0 ? 0 : tokens[static_cast<std::size_t>(id)].first.size();
    }
    CHECK(score + unknown * static_cast<double>(text.size() - covered) == doctest::Approx(best.back()));
  }
}

TEST_CASE("time grows with the text") {
  std::vector<std::pair<std::string, double>> tokens{{"<unk>", 0}};
  for (std::size_t size = 1; size <= 16; ++size) tokens.emplace_back(std::string(size, 'a'), -1.0);
  const Sample model{tokens, {.unknown = 0}};
  CHECK(model.ids(std::string(1'000'000, 'a')).size() == 62'500);
}

TEST_CASE("what Hugging Face's tokenizers makes of texts") {
  for (const char* name : {"unigram", "unigram_bytes"})
    for (const auto& line : golden::check_file(std::string{INGOT_GOLDEN_DIR} + "/text/" + name + ".json")) FAIL_CHECK(name << ": " << line);
}
