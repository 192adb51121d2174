// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/ranked_merges.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("ranks fall with the score; equal scores share one") {
  const std::vector<float> scores{-2, 0, -2, -1};
  CHECK(ranks_of(scores) == std::vector<std::uint32_t>{2, 0, 2, 1});
}

TEST_CASE("every split of a token in two tokens") {
  const TokenIds ids{{"a", 0}, {"é", 1}, {"aé", 2}, {"éa", 3}, {"aéa", 4}, {"xa", 5}};
  const std::vector<std::uint32_t> ranks{9, 8, 7, 6, 5, 4};
  std::vector<std::vector<std::uint32_t>> found;
  for (const Merge& merge : merges_of_splits(ids, ranks)) found.push_back({merge.left, merge.right, merge.rank, merge.result});
  CHECK(found == std::vector<std::vector<std::uint32_t>>{{0, 1, 7, 2}, {1, 0, 6, 3}, {0, 3, 5, 4}, {2, 0, 5, 4}});
  const std::string long_text(max_merged_bytes + 1, 'a'), less = long_text.substr(1);
  CHECK(merges_of_splits(TokenIds{{"a", 0}, {less, 1}, {long_text, 2}}, std::vector<std::uint32_t>{0, 1, 2}).empty());
}
