// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/kv_pages.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

TEST_CASE("a page comes when it is wanted, stays while somebody holds it, and is taken again") {
  PagePool pool{3, 128, 5};
  CHECK(pool.bytes() == 0);
  CHECK(pool.unused() == 5);
  const std::uint32_t a = pool.take(), b = pool.take();
  CHECK(a == 0);
  CHECK(b == 1);
  CHECK_FALSE(pool.shared(a));
  pool.share(a);
  CHECK(pool.shared(a));
  CHECK(pool.in_use() == 2);
  CHECK(pool.bytes() == 2 * 3 * 128);
  pool.drop(a);
  CHECK_FALSE(pool.shared(a));
  CHECK(pool.in_use() == 2);
  pool.drop(a);
  CHECK(pool.in_use() == 1);
  CHECK(pool.take() == a);
  CHECK(pool.unused() == 3);
  CHECK(pool.bytes() == 2 * 3 * 128);
}

TEST_CASE("pages of many slabs are disjoint, those of a group side by side, and a copy takes all parts of one") {
  // A part of 1 MiB: a group of 8 MiB fills a slab.
  constexpr std::size_t part = std::size_t{1} << 20;
  PagePool pool{2, part, 12};
  for (std::uint32_t number = 0; number < 12; ++number) {
    REQUIRE(pool.take() == number);
    if (number % group_pages != 0) CHECK(pool.page(number) == pool.page(number - 1) + part);
    for (std::size_t p = 0; p < 2; ++p) {
      std::byte* const begin = pool.page(number) + p * group_pages * part;
      begin[0] = begin[part - 1] = std::byte(2 * number + p + 1);
    }
  }
  pool.copy(pool.page(3), pool.page(9));
  for (std::uint32_t number = 0; number < 12; ++number)
    for (std::size_t p = 0; p < 2; ++p) {
      const std::byte* const begin = pool.page(number) + p * group_pages * part;
      const auto expected = std::byte(2 * (number == 9 ? 3 : number) + p + 1);
      CHECK(begin[0] == expected);
      CHECK(begin[part - 1] == expected);
    }
}

TEST_CASE("the page beside the last is taken as long as it is free, wherever it stands among the free ones") {
  PagePool pool{1, 64, 100};
  const std::uint32_t first = pool.take(), other = pool.take();
  CHECK(pool.take_after(first) == 2);  // 1 is not free
  for (std::uint32_t i = 3; i < 9; ++i) REQUIRE(pool.take() == i);
  for (std::uint32_t i = 4; i-- > 0;) pool.drop(i);
  CHECK(pool.take_after(8) == 9);
  CHECK(pool.take_after(9) == 10);
  CHECK(pool.take_after(10) == 11);
  CHECK(pool.take_after(11) == first);  // the group is full
  CHECK(pool.take_after(first) == other);
  CHECK(pool.in_use() == 10);
}

TEST_CASE("pages of no parts count and take no memory") {
  PagePool pool{0, 4096, 1u << 25};
  for (std::uint32_t i = 0; i < 10000; ++i) REQUIRE(pool.take() == i);
  CHECK(pool.in_use() == 10000);
  CHECK(pool.bytes() == 0);
  CHECK(pool.page(9999) == nullptr);
}

TEST_CASE("a table grows, leaves pages behind, and shrinks, each page given back once") {
  PagePool pool{1, 64, 100};
  PageTable table;
  table.grow(pool, 10);
  CHECK(pool.in_use() == 10);
  std::byte* const fifth = table.data()[4];
  table.leave(pool, 4);
  CHECK(table.first() == 4);
  CHECK(pool.in_use() == 6);
  for (std::size_t i = 0; i < 4; ++i) CHECK(table.data()[i] == nullptr);
  CHECK(table.data()[4] == fifth);
  table.leave(pool, 3);  // gone already
  CHECK(table.first() == 4);
  CHECK(pool.in_use() == 6);

  table.grow(pool, 14);  // the two beside the last, then those that came back, in order
  CHECK(pool.in_use() == 10);
  CHECK(pool.bytes() == 12 * 64);
  for (std::uint32_t i = 0; i < 2; ++i) {
    CHECK(table.data()[10 + i] == pool.page(10 + i));
    CHECK(table.data()[12 + i] == pool.page(i));
  }

  table.shrink(pool, 6);
  CHECK(pool.in_use() == 2);
  CHECK(table.first() == 4);
  table.shrink(pool, 3);  // all of them left behind
  CHECK(pool.in_use() == 0);
  CHECK(table.first() == 3);
  CHECK(table.size() == 3);
  table.shrink(pool, 0);
  CHECK(table.first() == 0);
  table.grow(pool, 1);
  CHECK(table.data()[0] != nullptr);
}

TEST_CASE("tables of the same pages: each copies the last one before it writes, and leaves pages for itself") {
  PagePool pool{1, 64, 100};
  PageTable a;
  a.grow(pool, 5);
  a.leave(pool, 1);
  std::memset(a.data()[4], 7, 64);
  CHECK_FALSE(a.must_copy(pool, 4 * page_positions + 1));
  PageTable b = a.fork(pool);
  CHECK(pool.in_use() == 4);
  CHECK(b.first() == 1);
  CHECK(b.data()[4] == a.data()[4]);
  CHECK(a.must_copy(pool, 4 * page_positions + 1));
  CHECK_FALSE(a.must_copy(pool, 5 * page_positions));  // the next position begins a page
  b.copy_last(pool);
  CHECK(b.data()[4] != a.data()[4]);
  CHECK(b.data()[4][63] == std::byte{7});
  CHECK_FALSE(a.must_copy(pool, 4 * page_positions + 1));
  b.leave(pool, 4);
  CHECK(pool.in_use() == 5);
  a.shrink(pool, 0);
  CHECK(pool.in_use() == 1);
  b.shrink(pool, 0);
  CHECK(pool.in_use() == 0);
}
