// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/allocation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::quant;

namespace {

using Items = std::vector<std::vector<StorageChoice>>;

struct Total {
  std::uint64_t bytes = 0;
  double cost = 0;
};
Total total(const Items& items, const std::vector<std::size_t>& chosen) {
  Total sum;
  for (std::size_t i = 0; i < items.size(); ++i) sum.bytes += items[i][chosen[i]].bytes, sum.cost += items[i][chosen[i]].cost;
  return sum;
}

/// The least cost of all combinations.
double exhaustive(const Items& items, std::uint64_t budget) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<std::size_t> at(items.size());
  for (;;) {
    const Total sum = total(items, at);
    if (sum.bytes <= budget) least = std::min(least, sum.cost);
    std::size_t i = 0;
    while (i < at.size() && ++at[i] == items[i].size()) at[i++] = 0;
    if (i == at.size()) return least;
  }
}

}  // namespace

TEST_CASE("bytes go where they save most") {
  const Items items{{{10, 8}, {20, 1}}, {{10, 2}, {20, 1}}, {{10, 4}, {20, 0}}};
  CHECK(*allocate(items, 30) == std::vector<std::size_t>{0, 0, 0});
  CHECK(*allocate(items, 40) == std::vector<std::size_t>{1, 0, 0});
  CHECK(*allocate(items, 59) == std::vector<std::size_t>{1, 0, 1});
  CHECK(*allocate(items, 1000) == std::vector<std::size_t>{1, 1, 1});
  CHECK_FALSE(allocate(items, 29));
  CHECK(allocate(Items{}, 0)->empty());
}

TEST_CASE("what fits is used, what is worse and larger is not, of two alike the better is taken") {
  const Items items{{{30, 1}, {10, 5}, {20, 6}, {10, 4}}, {{5, 3}, {8, 2.5}}};
  CHECK(*allocate(items, 18) == std::vector<std::size_t>{3, 1});
  CHECK(*allocate(items, 37) == std::vector<std::size_t>{3, 1});
  CHECK(*allocate(items, 38) == std::vector<std::size_t>{0, 1});
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK_FALSE(allocate(Items{{{most, 1}}, {{most, 1}}}, most));
}

TEST_CASE("never over the budget, and near the best of all combinations") {
  std::mt19937 random{5};
  double ours = 0, best = 0;
  for (int trial = 0; trial < 200; ++trial) {
    Items items(6);
    std::uint64_t smallest = 0, largest = 0;
    for (auto& choices : items) {
      const double sensitivity = static_cast<double>(random() % 1000 + 1);
      for (int bits = 2; bits <= 6; ++bits)
        choices.push_back({static_cast<std::uint64_t>(bits) * (100 + random() % 100), sensitivity / static_cast<double>(1 << (2 * bits))});
      std::shuffle(choices.begin(), choices.end(), random);
      const auto [low, high] = std::minmax_element(choices.begin(), choices.end(), [](auto a, auto b) { return a.bytes < b.bytes; });
      smallest += low->bytes, largest += high->bytes;
    }
    const std::uint64_t budget = smallest + random() % (largest - smallest);
    const auto chosen = allocate(items, budget);
    REQUIRE(chosen);
    const Total sum = total(items, *chosen);
    CHECK(sum.bytes <= budget);
    ours += sum.cost, best += exhaustive(items, budget);
  }
  CHECK(ours < 1.25 * best);  // six items only: the step that does not fit is large
}
