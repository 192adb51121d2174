// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/extents.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::acquire;

TEST_CASE("the same set as one of single bytes") {
  std::minstd_rand random{3};
  constexpr std::uint64_t size = 200;
  for (int round = 0; round < 200; ++round) {
    Extents extents;
    std::vector<bool> there(size);
    for (int i = 0; i < 12; ++i) {
      const std::uint64_t begin = random() % size, end = std::min<std::uint64_t>(size, begin + random() % 30);
      extents.add({begin, end});
      for (auto at = begin; at < end; ++at) there[at] = true;
    }
    CHECK(extents.covered() == static_cast<std::uint64_t>(std::ranges::count(there, true)));
    CHECK(extents.prefix() == static_cast<std::uint64_t>(std::ranges::find(there, false) - there.begin()));
    for (const auto& gap : extents.missing(size))
      for (auto at = gap.begin; at < gap.end; ++at) there[at] = !there[at];
    CHECK(std::ranges::all_of(there, [](bool is) { return is; }));
    for (std::size_t i = 1; i < extents.ranges().size(); ++i) CHECK(extents.ranges()[i - 1].end < extents.ranges()[i].begin);
  }
}

TEST_CASE("touching ranges are one, empty ones none") {
  Extents extents;
  extents.add({5, 5});
  extents.add({9, 3});
  CHECK(extents.empty());
  extents.add({0, 5});
  extents.add({5, 10});
  CHECK(extents.count() == 1);
  CHECK(extents.missing(10).empty());
  CHECK(extents.missing(12) == std::vector{ByteRange{10, 12}});
  CHECK(extents.missing(7).empty());
  extents.clear();
  CHECK(extents.missing(4) == std::vector{ByteRange{0, 4}});
}
