// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/kv_cache.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

constexpr KvShape shape{.layers = 2, .kv_heads = 3, .head_dim = 10, .scheme = quant::f32};

void fill(const KvCache& cache, SequenceId id, std::size_t page, int byte) {
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer)
    for (std::uint32_t head = 0; head < shape.kv_heads; ++head)
      std::memset(cache.pages(id)[page] + shape.key_offset(layer, head), byte, shape.part_bytes());
}
/// The byte that a page is full of; -1: it holds different ones.
int content(const KvCache& cache, SequenceId id, std::size_t page) {
  const std::byte* begin = cache.pages(id)[page];
  bool same = true;
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer)
    for (std::uint32_t head = 0; head < shape.kv_heads; ++head)
      for (std::size_t i = 0; i < shape.part_bytes(); ++i) same = same && begin[shape.key_offset(layer, head) + i] == *begin;
  return same ? static_cast<int>(*begin) : -1;
}

}  // namespace

TEST_CASE("the parts of a group's pages are lines, disjoint, layer by layer and head by head") {
  for (const quant::Scheme& scheme : {quant::f32, quant::bf16})
    for (const std::uint32_t head_dim : {2u, 10u, 64u, 80u}) {
      const KvShape kv{.layers = 3, .kv_heads = 2, .head_dim = head_dim, .scheme = scheme};
      std::size_t end = 0;
      for (std::uint32_t layer = 0; layer < kv.layers; ++layer)
        for (std::uint32_t head = 0; head < kv.kv_heads; ++head) {
          CHECK(kv.key_offset(layer, head) == end);
          CHECK(kv.value_offset(layer, head) == end + kernels::key_bytes(scheme, kv.head()));
          end = kv.value_offset(layer, head) + kernels::value_bytes(scheme, kv.head());
          CHECK(end % 64 == 0);
          CHECK(end - kv.key_offset(layer, head) == kv.part_bytes());
          end += (group_pages - 1) * kv.part_bytes();  // those of the other pages of the group
        }
      CHECK(group_pages * kv.page_bytes() == end);
      CHECK(kv.page_bytes() >= std::size_t{3} * 2 * 2 * 64 * head_dim * (scheme.bits / 8));
    }
  // A real shape in 64 bits: 80 layers of 64 heads of 128.
  CHECK(KvShape{80, 64, 128, quant::f32}.page_bytes() == std::size_t{80} * 64 * 128 * 64 * 2 * 4);
}

TEST_CASE("pages come as a sequence grows and go when it shrinks") {
  KvCache cache{shape, 200};  // 4 pages
  const SequenceId a = cache.create();
  CHECK(cache.valid(a));
  CHECK_FALSE(cache.valid(SequenceId{7}));
  CHECK(cache.length(a) == 0);
  CHECK(cache.room(a) == 256);
  CHECK(cache.bytes() == 0);

  REQUIRE(cache.extend(a, 1));
  CHECK(cache.length(a) == 1);
  CHECK(cache.room(a) == 255);
  CHECK(cache.bytes() == shape.page_bytes());
  REQUIRE(cache.extend(a, 63));
  CHECK(cache.bytes() == shape.page_bytes());
  REQUIRE(cache.extend(a, 65));
  CHECK(cache.length(a) == 129);
  CHECK(cache.room(a) == 127);
  CHECK(cache.bytes() == 3 * shape.page_bytes());
  for (std::size_t p = 0; p < 3; ++p) CHECK(reinterpret_cast<std::uintptr_t>(cache.pages(a)[p]) % 64 == 0);

  cache.truncate(a, 500);  // nothing to forget
  CHECK(cache.length(a) == 129);
  cache.truncate(a, 64);
  CHECK(cache.length(a) == 64);
  CHECK(cache.room(a) == 192);
  REQUIRE(cache.extend(a, 0));
  CHECK(cache.length(a) == 64);
  REQUIRE(cache.extend(a, 192));
  CHECK(cache.room(a) == 0);
  CHECK(cache.bytes() == 4 * shape.page_bytes());
}

TEST_CASE("the pages of a span lie side by side, and none reaches into another") {
  KvCache cache{shape, 64 * 11};
  const SequenceId a = cache.create();
  REQUIRE(cache.extend(a, 64 * 11));
  for (std::size_t p = 0; p < 11; ++p) {
    fill(cache, a, p, static_cast<int>(p) + 1);
    if (p % group_pages != 0) CHECK(cache.pages(a)[p] == cache.pages(a)[p - 1] + shape.part_bytes());
  }
  for (std::size_t p = 0; p < 11; ++p) CHECK(content(cache, a, p) == static_cast<int>(p) + 1);
}

TEST_CASE("released pages serve other sequences, and the name is used again") {
  KvCache cache{shape, 128};
  const SequenceId a = cache.create();
  REQUIRE(cache.extend(a, 128));
  const SequenceId b = cache.create();
  CHECK(a != b);
  CHECK_FALSE(cache.extend(b, 1));
  cache.release(a);
  CHECK_FALSE(cache.valid(a));
  CHECK(cache.room(b) == 128);
  REQUIRE(cache.extend(b, 128));
  CHECK(cache.bytes() == 2 * shape.page_bytes());
  const SequenceId c = cache.create();
  CHECK(c == a);
  CHECK(cache.length(c) == 0);
}

TEST_CASE("a full cache says so and changes nothing") {
  KvCache cache{shape, 128};
  const SequenceId a = cache.create(), b = cache.create();
  REQUIRE(cache.extend(a, 65));
  const auto refused = cache.extend(b, 1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::other);
  CHECK(refused.error().message().find("128 positions") != std::string::npos);
  CHECK(cache.length(b) == 0);
  CHECK_FALSE(cache.extend(a, 64));
  CHECK_FALSE(cache.extend(a, std::numeric_limits<std::uint32_t>::max()));  // length + count passes 2^32
  CHECK(cache.length(a) == 65);
  CHECK(cache.room(a) == 63);
  REQUIRE(cache.extend(a, 63));

  KvCache none{shape, 0};
  const SequenceId c = none.create();
  CHECK(none.room(c) == 0);
  CHECK_FALSE(none.extend(c, 1));
}

TEST_CASE("a fork shares pages until one of the two writes") {
  KvCache cache{shape, 64 * 5};
  const SequenceId a = cache.create();
  REQUIRE(cache.extend(a, 100));
  fill(cache, a, 0, 1);
  fill(cache, a, 1, 2);
  const SequenceId b = cache.fork(a);
  CHECK(cache.length(b) == 100);
  CHECK(cache.bytes() == 2 * shape.page_bytes());
  CHECK(cache.pages(b)[0] == cache.pages(a)[0]);
  CHECK(cache.pages(b)[1] == cache.pages(a)[1]);

  REQUIRE(cache.extend(b, 1));
  CHECK(cache.pages(b)[0] == cache.pages(a)[0]);
  CHECK(cache.pages(b)[1] != cache.pages(a)[1]);
  CHECK(content(cache, b, 1) == 2);
  CHECK(cache.bytes() == 3 * shape.page_bytes());
  fill(cache, b, 1, 3);
  CHECK(content(cache, a, 1) == 2);

  const std::byte* kept = cache.pages(a)[1];  // not shared any more: written in place
  REQUIRE(cache.extend(a, 1));
  CHECK(cache.pages(a)[1] == kept);

  cache.release(a);
  CHECK(content(cache, b, 0) == 1);
  CHECK(content(cache, b, 1) == 3);
  REQUIRE(cache.extend(b, 64 * 5 - 101));
  CHECK(cache.bytes() == 5 * shape.page_bytes());
}

TEST_CASE("a fork at the end of a page copies nothing, an empty one shares nothing") {
  KvCache cache{shape, 64 * 3};
  const SequenceId a = cache.create(), empty = cache.fork(a);
  CHECK(cache.length(empty) == 0);
  REQUIRE(cache.extend(a, 64));
  const SequenceId b = cache.fork(a);
  REQUIRE(cache.extend(a, 1));
  REQUIRE(cache.extend(b, 1));
  CHECK(cache.pages(a)[0] == cache.pages(b)[0]);
  CHECK(cache.pages(a)[1] != cache.pages(b)[1]);
  CHECK(cache.bytes() == 3 * shape.page_bytes());
}

TEST_CASE("a shared page that is cut back is still copied before it is written") {
  KvCache cache{shape, 64 * 4};
  const SequenceId a = cache.create();
  REQUIRE(cache.extend(a, 128));
  fill(cache, a, 1, 5);
  const SequenceId b = cache.fork(a);
  cache.truncate(b, 70);
  REQUIRE(cache.extend(b, 1));
  CHECK(cache.pages(b)[1] != cache.pages(a)[1]);
  cache.truncate(b, 64);
  CHECK(content(cache, a, 1) == 5);
  CHECK(cache.length(a) == 128);
}

TEST_CASE("a copy that finds no page is refused and changes nothing") {
  KvCache cache{shape, 64 * 2};
  const SequenceId a = cache.create();
  REQUIRE(cache.extend(a, 100));
  const SequenceId b = cache.fork(a);
  CHECK_FALSE(cache.extend(b, 1));
  CHECK(cache.length(b) == 100);
  CHECK(cache.pages(b)[1] == cache.pages(a)[1]);
  CHECK(cache.room(b) == 0);  // what can be appended: no page is left to copy to
  cache.release(a);
  CHECK(cache.room(b) == 28);
  REQUIRE(cache.extend(b, 28));
}
