// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/token_trie.hpp>

#include <map>
#include <random>
#include <string>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
std::map<std::size_t, std::uint32_t> prefixes(const std::vector<TrieNode>& nodes, std::string_view text) {
  std::map<std::size_t, std::uint32_t> found;
  TokenTrie{nodes}.each_prefix(text, [&](std::uint32_t token, std::size_t size) { found[size] = token; });
  return found;
}
}  // namespace

TEST_CASE("random tokens: the trie finds what a search finds") {
  std::mt19937 random{5};
  for (const std::size_t letters : {2, 5, 200}) {
    std::map<std::string, std::uint32_t> tokens;
    for (std::uint32_t i = 0; i < 3000; ++i) {
      std::string text(1 + random() % 6, ' ');
      for (char& c : text) c = static_cast<char>(random() % letters);
      tokens[text] = i;
    }
    std::vector<std::pair<std::string_view, std::uint32_t>> entries{{"", 7}};
    for (const auto& [text, token] : tokens) {
      entries.emplace_back(text, 9999);  // the later entry of a text counts
      entries.emplace_back(text, token);
    }
    const auto nodes = TrieBuilder::build(entries);
    CHECK(nodes.size() < 8 * 3000 * 6 + 512);
    for (int i = 0; i < 3000; ++i) {
      std::string text(random() % 9, ' ');
      for (char& c : text) c = static_cast<char>(random() % letters);
      std::map<std::size_t, std::uint32_t> expected;
      for (std::size_t size = 1; size <= text.size(); ++size)
        if (const auto found = tokens.find(text.substr(0, size)); found != tokens.end()) expected[size] = found->second;
      REQUIRE(prefixes(nodes, text) == expected);
    }
  }
}

TEST_CASE("a damaged or empty trie stays inside") {
  CHECK(prefixes({}, "abc").empty());
  auto nodes = TrieBuilder::build({{"ab", 1}, {"abc", 2}});
  std::mt19937 random{6};
  for (int i = 0; i < 2000; ++i) {
    auto& node = nodes[random() % nodes.size()];
    (random() % 2 ? node.children : node.parent) = random() % 1024;
    CHECK(prefixes(nodes, "abcabc").size() <= 6);
  }
}
