// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/kv_cache.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

/// Two layers of three heads.
const KvShape shape{.head = {10, 10}, .scheme = quant::f32, .layers = {{.kv_heads = 3}, {.kv_heads = 3}}};

/// Fills a layer's part of a page.
void fill(const KvCache& cache, SequenceId id, std::uint32_t layer, std::size_t page, int byte) {
  for (std::uint32_t head = 0; head < cache.shape().layers[layer].kv_heads; ++head)
    std::memset(cache.pages(id, layer)[page] + cache.key_offset(layer, head), byte, cache.layout().part_bytes());
}
/// The byte that a layer's part of a page is full of; -1: it holds different ones.
int content(const KvCache& cache, SequenceId id, std::uint32_t layer, std::size_t page) {
  const std::byte* const begin = cache.pages(id, layer)[page] + cache.key_offset(layer, 0);
  for (std::uint32_t head = 0; head < cache.shape().layers[layer].kv_heads; ++head) {
    const std::byte* const part = cache.pages(id, layer)[page] + cache.key_offset(layer, head);
    if (std::any_of(part, part + cache.layout().part_bytes(), [&](std::byte b) { return b != *begin; })) return -1;
  }
  return static_cast<int>(*begin);
}
/// The same for all layers of `shape`.
void fill(const KvCache& cache, SequenceId id, std::size_t page, int byte) {
  for (std::uint32_t layer = 0; layer < 2; ++layer) fill(cache, id, layer, page, byte);
}
int content(const KvCache& cache, SequenceId id, std::size_t page) {
  const int first = content(cache, id, 0, page);
  return content(cache, id, 1, page) == first ? first : -1;
}

}  // namespace

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
  for (std::size_t p = 0; p < 3; ++p) CHECK(reinterpret_cast<std::uintptr_t>(cache.pages(a, 0)[p]) % 64 == 0);

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
    if (p % group_pages != 0) CHECK(cache.pages(a, 0)[p] == cache.pages(a, 0)[p - 1] + shape.part_bytes());
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
  CHECK(cache.pages(b, 0)[0] == cache.pages(a, 0)[0]);
  CHECK(cache.pages(b, 0)[1] == cache.pages(a, 0)[1]);

  REQUIRE(cache.extend(b, 1));
  CHECK(cache.pages(b, 0)[0] == cache.pages(a, 0)[0]);
  CHECK(cache.pages(b, 0)[1] != cache.pages(a, 0)[1]);
  CHECK(content(cache, b, 1) == 2);
  CHECK(cache.bytes() == 3 * shape.page_bytes());
  fill(cache, b, 1, 3);
  CHECK(content(cache, a, 1) == 2);

  const std::byte* kept = cache.pages(a, 0)[1];  // not shared any more: written in place
  REQUIRE(cache.extend(a, 1));
  CHECK(cache.pages(a, 0)[1] == kept);

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
  CHECK(cache.pages(a, 0)[0] == cache.pages(b, 0)[0]);
  CHECK(cache.pages(a, 0)[1] != cache.pages(b, 0)[1]);
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
  CHECK(cache.pages(b, 0)[1] != cache.pages(a, 0)[1]);
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
  CHECK(cache.pages(b, 0)[1] == cache.pages(a, 0)[1]);
  CHECK(cache.room(b) == 0);  // what can be appended: no page is left to copy to
  cache.release(a);
  CHECK(cache.room(b) == 28);
  REQUIRE(cache.extend(b, 28));
}

namespace {

using Text = std::vector<std::int32_t>;

/// A state that depends on every token before and on their order.
float mixed(float state, std::int32_t token, std::size_t i) {
  return std::fmod(state * 1.7f + static_cast<float>(token) + static_cast<float>(i), 1024.f);
}
std::uint32_t tag(std::uint32_t layer, std::uint32_t head, std::uint32_t position, std::int32_t token) {
  return ((layer * 8 + head) * 4096 + position) * 16 + static_cast<std::uint32_t>(token);
}
/// Where the tag of a position stands among the keys; the values get one, too.
std::byte* place(const KvCache& cache, SequenceId id, std::uint32_t layer, std::size_t offset, std::uint32_t position) {
  return cache.pages(id, layer)[position / page_positions] + offset + position % page_positions * sizeof(std::uint32_t);
}

/// A decoder that only keeps books: computes the tokens of `text` that the sequence was extended for, from `begin` on.
void compute(const KvCache& cache, SequenceId id, const Text& text, std::uint32_t begin) {
  const std::vector<KvLayer>& layers = cache.shape().layers;
  for (std::uint32_t layer = 0; layer < layers.size(); ++layer)
    for (std::uint32_t position = begin; position < text.size(); ++position) {
      for (std::uint32_t head = 0; head < layers[layer].kv_heads; ++head) {
        const std::uint32_t value = tag(layer, head, position, text[position]);
        std::memcpy(place(cache, id, layer, cache.key_offset(layer, head), position), &value, sizeof value);
        std::memcpy(place(cache, id, layer, cache.value_offset(layer, head), position), &value, sizeof value);
      }
      if (layers[layer].state == 0) continue;
      float* const state = cache.state(id, layer);
      for (std::size_t i = 0; i < layers[layer].state; ++i) state[i] = mixed(state[i], text[position], i);
      if (float* const snapshot = cache.snapshot(id, layer, position + 1)) std::copy_n(state, layers[layer].state, snapshot);
    }
}
/// One step that appends tokens to a text.
void step(KvCache& cache, SequenceId id, Text& text, std::uint32_t count, std::int32_t token = 1) {
  const auto begin = static_cast<std::uint32_t>(text.size());
  REQUIRE(cache.length(id) == begin);
  REQUIRE(cache.extend(id, count));
  for (std::uint32_t i = 0; i < count; ++i) text.push_back((token + static_cast<std::int32_t>(i)) % 16);
  compute(cache, id, text, begin);
  cache.settle(id);
}
/// Whether a next query sees what it must of a text: all keys and values in its window, and states that have seen the text.
bool sound(const KvCache& cache, SequenceId id, const Text& text) {
  if (cache.length(id) != text.size()) return false;
  const std::vector<KvLayer>& layers = cache.shape().layers;
  for (std::uint32_t layer = 0; layer < layers.size(); ++layer) {
    const auto end = static_cast<std::uint32_t>(text.size());
    for (std::uint32_t position = first_seen(layers[layer].window, end); position < end; ++position)
      for (std::uint32_t head = 0; head < layers[layer].kv_heads; ++head) {
        const std::uint32_t value = tag(layer, head, position, text[position]);
        if (std::memcmp(place(cache, id, layer, cache.key_offset(layer, head), position), &value, sizeof value) != 0 ||
            std::memcmp(place(cache, id, layer, cache.value_offset(layer, head), position), &value, sizeof value) != 0)
          return false;
      }
    for (std::size_t i = 0; i < layers[layer].state; ++i) {
      float expected = 0;
      for (const std::int32_t token : text) expected = mixed(expected, token, i);
      if (cache.state(id, layer)[i] != expected) return false;
    }
  }
  return true;
}
/// Cuts a sequence and its text. Returns what remains.
std::uint32_t cut(KvCache& cache, SequenceId id, Text& text, std::uint32_t length) {
  text.resize(std::min<std::size_t>(text.size(), cache.truncate(id, length)));
  return static_cast<std::uint32_t>(text.size());
}

KvShape shape_of(std::vector<KvLayer> layers) { return {.head = {16, 16}, .scheme = quant::f32, .layers = std::move(layers)}; }
/// All kinds of layers at once.
const std::vector<KvLayer> mixed_layers{
    {.kv_heads = 2, .window = 100}, {.kv_heads = 1}, {.state = 5}, {.kv_heads = 1, .window = 1, .state = 3}, {.kv_heads = 1, .window = 300},
    {.kv_heads = 1, .window = 100}};

}  // namespace

TEST_CASE("a window layer keeps what is seen and rolled back, in bounded memory; a full one keeps all") {
  for (const std::uint32_t window : {1u, 64u, 200u})
    for (const std::uint32_t chunk : {1u, 7u, 64u, 100u, 777u}) {
      CAPTURE(window);
      CAPTURE(chunk);
      KvCache cache{shape_of({{.kv_heads = 1, .window = window}}), 10048};
      const SequenceId id = cache.create();
      Text text;
      bool fits = true, right = true;
      // What a query sees and may return to, a span begun at both ends, and the step itself.
      const std::size_t pages = divide_up(window + rollback_positions + 2 * kernels::span_positions + chunk, page_positions);
      while (text.size() + chunk <= 10000) {
        step(cache, id, text, chunk);
        fits = fits && cache.bytes() <= pages * cache.shape().page_bytes();
        right = right && sound(cache, id, text);
      }
      CHECK(fits);
      CHECK(right);
      CHECK(cache.room(id) == 10048 - text.size());  // positions left behind count, though their pages are free
      CHECK(cache.pages(id, 0)[0] == nullptr);
      CHECK(cut(cache, id, text, static_cast<std::uint32_t>(text.size()) - 64) > 0);
      CHECK(sound(cache, id, text));
      CHECK(cut(cache, id, text, 1000) == 0);  // long gone
      CHECK(sound(cache, id, text));
      step(cache, id, text, 1);
      CHECK(cache.pages(id, 0)[0] != nullptr);
      CHECK(sound(cache, id, text));
    }
  KvCache both{shape_of({{.kv_heads = 1, .window = 64}, {.kv_heads = 1}}), 10048};
  const SequenceId id = both.create();
  Text text;
  for (int i = 0; i < 100; ++i) step(both, id, text, 100);
  CHECK(both.bytes() >= 157 * both.layout().part_bytes());
  CHECK(both.bytes() <= (157 + 9) * both.layout().part_bytes());
  CHECK(both.pages(id, 0)[10] == nullptr);
  CHECK(both.pages(id, 1)[10] != nullptr);
  CHECK(both.pages(id, 0) != both.pages(id, 1));
  CHECK(sound(both, id, text));
  CHECK(cut(both, id, text, 9937) == 9937);
  CHECK(sound(both, id, text));
}

TEST_CASE("a page lives until no query can see it, and a span's pages stay side by side however long it goes on") {
  constexpr std::uint32_t window = 100;
  KvCache cache{shape_of({{.kv_heads = 2, .window = window}}), 1u << 20};
  const SequenceId id = cache.create();
  Text text;
  bool kept = true, gone = true, beside = true;
  while (text.size() < 4000) {
    step(cache, id, text, 1);
    const auto length = static_cast<std::uint32_t>(text.size());
    const std::uint32_t seen = length > 64 ? first_seen(window, length - 64) : 0;  // by the first query after a rollback of 64
    for (std::uint32_t p = 0; p < divide_up(length, 64); ++p) {
      const std::byte* const* const page = cache.pages(id, 0) + p;
      if (p >= seen / 64) kept = kept && page[0] != nullptr;
      if ((p / group_pages + 1) * kernels::span_positions <= seen) gone = gone && page[0] == nullptr;
      if (page[0] != nullptr && p % group_pages != 0) beside = beside && page[0] == page[-1] + cache.layout().part_bytes();
    }
  }
  CHECK(kept);
  CHECK(gone);
  CHECK(beside);
}

TEST_CASE("a rollback of up to 64 across page, window and snapshot borders is always found") {
  const struct {
    std::vector<KvLayer> layers;
    bool exact;
  } kinds[] = {{{{.kv_heads = 1}}, true},
               {{{.kv_heads = 1, .window = 40}}, true},
               {{{.kv_heads = 1, .window = 40}, {.kv_heads = 2, .window = 300}, {.kv_heads = 1}}, true},
               {{{.state = 7}}, false},
               {mixed_layers, false}};
  for (const auto& kind : kinds)
    for (const std::uint32_t chunk : {1u, 7u, 64u, 100u})
      for (const std::uint32_t back : {1u, 5u, 63u, 64u})
        for (const std::uint32_t length : {70u, 128u, 130u, 511u, 513u, 640u}) {
          const std::vector<KvLayer>& layers = kind.layers;
          const bool exact = kind.exact;
          CAPTURE(layers.size());
          CAPTURE(chunk);
          CAPTURE(back);
          CAPTURE(length);
          KvCache cache{shape_of(layers), 1024};
          const SequenceId id = cache.create();
          Text text;
          while (text.size() < length) step(cache, id, text, std::min(chunk, length - static_cast<std::uint32_t>(text.size())));
          const std::uint32_t wanted = length - back, left = cut(cache, id, text, wanted);
          CHECK(left == (exact ? wanted : wanted / 64 * 64));
          CHECK(sound(cache, id, text));
          step(cache, id, text, 3, 9);
          step(cache, id, text, 90, 5);
          CHECK(sound(cache, id, text));
        }
}

TEST_CASE("a rollback by more than is kept returns less, and the text can be computed again") {
  KvCache cache{shape_of(mixed_layers), 2048};
  const SequenceId id = cache.create();
  Text text;
  for (int i = 0; i < 12; ++i) step(cache, id, text, 100);
  CHECK(cache.truncate(id, 1201) == 1200);
  CHECK(cache.truncate(id, 1200) == 1200);
  CHECK(sound(cache, id, text));
  CHECK(cut(cache, id, text, 1160) == 1152);
  CHECK(cut(cache, id, text, 1151) == 1088);
  CHECK(sound(cache, id, text));
  CHECK(cut(cache, id, text, 1087) == 0);
  CHECK(sound(cache, id, text));
  CHECK(cache.room(id) == 2048);
  step(cache, id, text, 1300, 3);
  CHECK(sound(cache, id, text));

  // While nothing is left behind, the beginning of a window layer can be returned to from anywhere.
  KvCache young{shape_of({{.kv_heads = 1, .window = 300}}), 1024};
  const SequenceId other = young.create();
  Text short_text;
  step(young, other, short_text, 350);
  CHECK(cut(young, other, short_text, 2) == 2);
  CHECK(sound(young, other, short_text));
}

TEST_CASE("a step that never ran is taken back exactly") {
  KvCache cache{shape_of(mixed_layers), 1024};
  const SequenceId id = cache.create();
  Text text;
  step(cache, id, text, 333);
  for (const std::uint32_t count : {1u, 60u, 200u}) {
    REQUIRE(cache.extend(id, count));
    REQUIRE(cache.extend(id, count + 7));  // two runs of one batch
    CHECK(cache.truncate(id, 333 + count) == 333 + count);
    CHECK(cache.truncate(id, 333) == 333);
    CHECK(sound(cache, id, text));
    CHECK(cache.snapshot(id, 2, 384) == nullptr);
  }
  CHECK_FALSE(cache.extend(id, 1000));
  CHECK(sound(cache, id, text));
  CHECK(cut(cache, id, text, 270) == 256);  // its snapshots, too, are as they were
  CHECK(sound(cache, id, text));
}

TEST_CASE("snapshots are asked for at the latest boundaries that a step passes, also one of several runs") {
  KvCache cache{shape_of(mixed_layers), 4096};
  const SequenceId id = cache.create();
  CHECK(cache.snapshot(id, 2, 0) == nullptr);
  REQUIRE(cache.extend(id, 1000));
  for (std::uint32_t position = 0; position <= 1001; ++position)
    CHECK((cache.snapshot(id, 2, position) != nullptr) == (position == 896 || position == 960));
  CHECK(cache.snapshot(id, 2, 960) + cache.layout().state_offset(3) == cache.snapshot(id, 3, 960));
  CHECK(cache.snapshot(id, 2, 960) != cache.snapshot(id, 2, 896));
  REQUIRE(cache.extend(id, 24));
  for (std::uint32_t position = 0; position <= 1025; ++position)
    CHECK((cache.snapshot(id, 2, position) != nullptr) == (position == 960 || position == 1024));
  cache.settle(id);
  CHECK(cache.snapshot(id, 2, 1024) == nullptr);
}

TEST_CASE("a fork of states and windows goes its own way") {
  KvCache cache{shape_of(mixed_layers), 4096};
  const SequenceId a = cache.create();
  Text one;
  step(cache, a, one, 500);
  const std::size_t before = cache.bytes();
  const SequenceId b = cache.fork(a);
  Text other = one;
  CHECK(cache.bytes() == before + cache.layout().state_floats() * sizeof(float));  // nothing but the live states
  CHECK(cache.pages(a, 0)[7] == cache.pages(b, 0)[7]);
  CHECK(sound(cache, b, other));
  step(cache, a, one, 30, 3);
  step(cache, b, other, 500, 7);
  CHECK(cache.pages(a, 1)[0] == cache.pages(b, 1)[0]);
  CHECK(cache.pages(a, 0)[7] != cache.pages(b, 0)[7]);
  CHECK(sound(cache, a, one));
  CHECK(sound(cache, b, other));
  CHECK(cut(cache, a, one, 470) == 448);
  CHECK(sound(cache, a, one));
  const SequenceId c = cache.fork(a);
  Text third = one;
  cache.release(a);
  CHECK(sound(cache, c, third));
  step(cache, c, third, 100, 2);
  CHECK(cut(cache, c, third, 500) == 448);  // stored by the sequence it was forked from
  CHECK(sound(cache, c, third));
  step(cache, c, third, 10, 2);
  CHECK(sound(cache, c, third));
  CHECK(sound(cache, b, other));
}

TEST_CASE("a released sequence leaves neither pages nor states behind") {
  KvCache cache{shape_of(mixed_layers), 1024};
  std::size_t bytes = 0;
  for (int round = 0; round < 4; ++round) {
    const SequenceId id = cache.create();
    CHECK(cache.room(id) == 1024);
    Text text;
    CHECK(sound(cache, id, text));  // zeros
    step(cache, id, text, 700, round);
    step(cache, id, text, 324, round);
    CHECK(cache.room(id) == 0);
    CHECK(sound(cache, id, text));
    CHECK((round == 0 || cache.bytes() == bytes));
    bytes = cache.bytes();
    cache.release(id);
  }
}

TEST_CASE("layers without keys, and no layers at all, count positions") {
  for (const std::vector<KvLayer>& layers : {std::vector<KvLayer>{}, std::vector<KvLayer>{{.state = 4}, {}}}) {
    KvCache cache{KvShape{.head = {}, .scheme = kernels::int8_kv, .layers = layers}, 100};
    const SequenceId id = cache.create();
    CHECK(cache.room(id) == 128);
    REQUIRE(cache.extend(id, 128));
    cache.settle(id);
    CHECK_FALSE(cache.extend(id, 1));
    CHECK(cache.truncate(id, 100) == (layers.empty() ? 100 : 64));
  }
  KvCache most{shape_of({{.kv_heads = 1}}), std::numeric_limits<std::uint32_t>::max()};
  const SequenceId id = most.create();
  CHECK(most.room(id) == 1u << 31);
  REQUIRE(most.extend(id, 5));
  CHECK_FALSE(most.extend(id, std::numeric_limits<std::uint32_t>::max()));
  CHECK(most.room(id) == (1u << 31) - 5);
}

namespace {

/// A sequence as it should be: its text, what of it was computed, and the longest it has been.
struct Expected {
  SequenceId id{};
  Text text;
  std::uint32_t longest = 0;
};

/// Thousands of random operations beside the reference; returns all that could be seen of the cache on the way.
std::vector<std::uint64_t> play(const std::vector<KvLayer>& layers, std::uint32_t seed, int operations) {
  constexpr std::uint32_t positions = 64 * 40;
  std::mt19937 engine{seed};
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(engine() % end); };
  KvCache cache{shape_of(layers), positions};
  const bool states = cache.layout().state_floats() != 0, windows = cache.layout().planes() > 1;
  std::vector<Expected> all;
  std::vector<std::uint64_t> seen;
  for (int i = 0; i < operations; ++i) {
    CAPTURE(i);
    const std::uint32_t what = below(20);
    if (all.empty() || (what == 0 && all.size() < 6)) {
      all.push_back({cache.create(), {}, 0});
      REQUIRE(sound(cache, all.back().id, {}));
      continue;
    }
    const std::size_t n = below(static_cast<std::uint32_t>(all.size()));
    const auto length = static_cast<std::uint32_t>(all[n].text.size());
    if (what == 1 && all.size() < 6) {
      Expected copy = all[n];
      copy.id = cache.fork(copy.id);
      REQUIRE(std::none_of(all.begin(), all.end(), [&](const Expected& e) { return e.id == copy.id; }));
      all.push_back(std::move(copy));
    } else if (what == 2) {
      cache.release(all[n].id);
      REQUIRE_FALSE(cache.valid(all[n].id));
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(n));
    } else if (what < 8) {
      const std::uint32_t wanted = what < 6 ? length - std::min(length, below(80)) : below(length + 10);
      const std::uint32_t left = cut(cache, all[n].id, all[n].text, wanted);
      REQUIRE(left <= std::min(wanted, length));
      if (!states && !windows) REQUIRE(left == std::min(wanted, length));
      if (wanted < length && wanted + rollback_positions >= all[n].longest) REQUIRE(left == (states ? wanted / 64 * 64 : wanted));
      seen.push_back(left);
    } else if (what < 10) {  // a step that is never run
      const std::uint32_t room = cache.room(all[n].id);
      const std::uint32_t count = below(200), more = below(200);
      REQUIRE(bool(cache.extend(all[n].id, count)) == (count <= room));
      if (count <= room) {
        REQUIRE(bool(cache.extend(all[n].id, more)) == (count + more <= room));
        if (below(2) == 0) REQUIRE(cache.truncate(all[n].id, length + count) == length + count);
        REQUIRE(cache.truncate(all[n].id, length) == length);
      }
    } else {
      static constexpr std::uint32_t chunks[] = {1, 1, 2, 7, 64, 100, 300};
      std::uint32_t count = chunks[below(7)];
      const std::uint32_t room = cache.room(all[n].id);
      if (below(8) == 0) count = room;
      const auto extended = cache.extend(all[n].id, count);
      REQUIRE(bool(extended) == (count <= room));
      if (extended) {
        for (std::uint32_t k = 0; k < count; ++k) all[n].text.push_back(static_cast<std::int32_t>(below(16)));
        compute(cache, all[n].id, all[n].text, length);
        cache.settle(all[n].id);
        all[n].longest = std::max(all[n].longest, length + count);
      }
    }
    if (n < all.size()) REQUIRE(sound(cache, all[n].id, all[n].text));
    if (i % 16 == 0)
      for (const Expected& expected : all) REQUIRE(sound(cache, expected.id, expected.text));
    seen.push_back(cache.bytes());
    if (n < all.size()) seen.push_back(cache.room(all[n].id));
  }
  REQUIRE(cache.bytes() <= 40 * cache.shape().page_bytes() + 6 * (1 + 2 * kept_snapshots) * cache.layout().state_floats() * sizeof(float));
  for (const Expected& expected : all) cache.release(expected.id);
  REQUIRE(cache.room(cache.create()) == positions);
  return seen;
}

}  // namespace

TEST_CASE("thousands of random operations leave what a simple reference keeps, and do so again") {
  const std::vector<KvLayer> kinds[] = {{{.kv_heads = 2}, {.kv_heads = 1}},
                                        {{.kv_heads = 1, .window = 70}},
                                        {{.kv_heads = 1, .window = 1}, {.kv_heads = 1}, {.kv_heads = 2, .window = 500}},
                                        {{.state = 3}, {.kv_heads = 1}},
                                        mixed_layers};
  std::uint32_t seed = 0;
  for (const std::vector<KvLayer>& layers : kinds) {
    CAPTURE(seed);
    const auto first = play(layers, ++seed, 1500), second = play(layers, seed, 1500);
    CHECK(first == second);
  }
}
