// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/merge_table.hpp>

#include <map>
#include <random>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("merges are found by their pair") {
  std::mt19937 random{2};
  std::vector<Merge> merges;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Merge> expected;
  for (std::uint32_t rank = 0; rank < 5000; ++rank) {
    merges.push_back({static_cast<std::uint32_t>(random() % 100), static_cast<std::uint32_t>(random() % 100), rank, rank + 7});
    expected[{merges.back().left, merges.back().right}] = merges.back();  // of several for one pair the last counts
  }
  const auto slots = MergeTable::make_slots(merges);
  CHECK((slots.size() & (slots.size() - 1)) == 0);
  const MergeTable table{slots};
  for (std::uint32_t left = 0; left < 101; ++left)
    for (std::uint32_t right = 0; right < 101; ++right) {
      const Merge* found = table.find(left, right);
      const auto wanted = expected.find({left, right});
      REQUIRE((found != nullptr) == (wanted != expected.end()));
      if (found != nullptr) REQUIRE((found->rank == wanted->second.rank && found->result == wanted->second.result));
    }
}

TEST_CASE("empty and damaged tables find nothing, in the end") {
  CHECK(MergeTable{}.find(1, 2) == nullptr);
  const std::vector<Merge> full(4, Merge{0, 1, 0, 4'000'000});  // no free slot ends the search
  CHECK(MergeTable{full}.find(1, 1) == nullptr);
}
