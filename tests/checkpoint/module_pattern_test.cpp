// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/module_pattern.hpp>

#include <chrono>
#include <regex>
#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;

TEST_CASE("expressions match what Python's re.match of (.*\\.)?(...)$ does") {
  const char* const patterns[] = {"q_proj",
                                  "layers.1.q_proj",
                                  R"(model\.layers\.\d+\.(q|v)_proj)",
                                  R"(^model\..*)",
                                  R"(layers\.[0-3]\..*proj)",
                                  R"(.*\.[^q]_proj)",
                                  R"(layers\.(?:1|2\d)\.\w+)",
                                  "(q|k|)_proj",
                                  "a*b+c?",
                                  "(ab|a)*",
                                  R"(\D+)",
                                  "[]a-]+",
                                  R"([\w.]+$)",
                                  "x*?y+?",
                                  "(a|b$)c?",
                                  ""};
  const char* const names[] = {"q_proj",
                               "model.layers.1.q_proj",
                               "model.layers.12.v_proj",
                               "model.layers.21.k_proj",
                               "xmodel.layers.1.q_proj",
                               "layers.1.q_proj.",
                               "aab",
                               "x.abbc",
                               "ababa",
                               "a-]",
                               "b",
                               "bc",
                               "xxyy",
                               "",
                               ".",
                               "model.",
                               "layersX1Xq_proj"};
  for (const std::string pattern : patterns) {
    const auto parsed = ModulePattern::parse(pattern);
    REQUIRE_MESSAGE(parsed, pattern);
    std::string theirs = pattern;  // ECMAScript's first ']' closes a class that Python's does not
    if (pattern.starts_with("[]")) theirs = R"([\]a\-]+)";
    const std::regex expected{"(.*\\.)?(" + theirs + ")"};
    for (const std::string name : names) {
      INFO(pattern, " ", name);
      const bool anchored = pattern.starts_with('^');
      const bool wanted = anchored ? std::regex_match(name, std::regex{theirs}) : std::regex_match(name, expected);
      CHECK(parsed->matches(name) == wanted);
    }
  }
}

TEST_CASE("what is no expression, or one we lack, is refused by its place") {
  const auto code = [](const std::string& pattern) {
    const auto parsed = ModulePattern::parse(pattern);
    REQUIRE_MESSAGE(!parsed, pattern);
    return parsed.error().code;
  };
  for (const char* pattern : {"(", ")", "a)", "[a", "[", "*", "a**", "a|+", "\\", "[b-a]", "(a", "[a-\\"})
    CHECK(code(pattern) == ErrorCode::damaged);
  for (const char* pattern : {"a{2}", "(?=a)", "(?P<n>a)", R"(\1)", R"(\b)", "a*+"}) CHECK(code(pattern) == ErrorCode::unsupported);
  CHECK(code(std::string(1025, 'a')) == ErrorCode::unsupported);
  CHECK(code(std::string(100, '(') + std::string(100, ')')) == ErrorCode::unsupported);
  CHECK(ModulePattern::parse("q{2}").error().message().find("character 1 of \"q{2}\"") != std::string::npos);
}

TEST_CASE("no expression takes long") {
  std::string pattern, name(512, 'a');
  for (int i = 0; i < 100; ++i) pattern += "(a|a)*";
  const auto parsed = ModulePattern::parse(pattern + "b");
  REQUIRE(parsed);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(!parsed->matches(name));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{2});
}
