// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/kv_states.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

/// A state whose values tell how many tokens it has seen.
constexpr std::size_t floats = 48;
void write(float* state, std::uint32_t tokens) {
  for (std::size_t i = 0; i < floats; ++i) state[i] = static_cast<float>(tokens * 100 + i);
}
bool is(const float* state, std::uint32_t tokens) {
  for (std::size_t i = 0; i < floats; ++i)
    if (state[i] != (tokens == 0 ? 0.f : static_cast<float>(tokens * 100 + i))) return false;
  return true;
}
/// Computes tokens up to `to` in one step; returns the boundaries whose states were wanted.
std::vector<std::uint32_t> advance(StatePool& pool, StateHistory& states, std::uint32_t& length, std::uint32_t to) {
  std::vector<std::uint32_t> wanted;
  states.prepare(pool, to);
  while (length < to) {
    write(states.live(), ++length);
    if (float* const place = states.wanted(length)) {
      wanted.push_back(length);
      std::copy_n(states.live(), floats, place);
    }
  }
  states.settle(pool, to);
  return wanted;
}

using Positions = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a slot is taken again when nobody holds it") {
  StatePool pool{floats};
  CHECK(pool.bytes() == 0);
  const StatePool::Slot a = pool.take(), b = pool.take();
  CHECK(a.values != b.values);
  pool.share(a);
  pool.drop(a);
  const StatePool::Slot c = pool.take();
  CHECK(c.values != a.values);
  pool.drop(a);
  CHECK(pool.take().values == a.values);
  CHECK(pool.bytes() == 3 * floats * sizeof(float));
}

TEST_CASE("a step stores the latest multiples of 64 that it passes") {
  StatePool pool{floats};
  StateHistory states;
  states.begin(pool);
  CHECK(is(states.live(), 0));
  std::uint32_t length = 0;
  CHECK(advance(pool, states, length, 63) == Positions{});
  CHECK(advance(pool, states, length, 64) == Positions{64});
  CHECK(advance(pool, states, length, 64) == Positions{});
  CHECK(advance(pool, states, length, 127) == Positions{});
  CHECK(advance(pool, states, length, 200) == Positions{128, 192});
  CHECK(advance(pool, states, length, 1000) == Positions{896, 960});
  CHECK(advance(pool, states, length, 1024) == Positions{1024});
  CHECK(states.wanted(1024) == nullptr);  // it is stored
  CHECK(states.wanted(960) == nullptr);
  CHECK(pool.bytes() <= (1 + 2 * kept_snapshots) * floats * sizeof(float));
}

TEST_CASE("states return to the snapshot before, to zero without one, and nowhere else") {
  StatePool pool{floats};
  StateHistory states;
  states.begin(pool);
  std::uint32_t length = 0;
  for (const std::uint32_t to : {60u, 130u, 150u, 300u}) static_cast<void>(advance(pool, states, length, to));
  CHECK(states.reach(300) == 300);
  CHECK(states.reach(299) == 256);
  CHECK(states.reach(256) == 256);
  CHECK(states.reach(255) == 192);
  CHECK(states.reach(192) == 192);
  CHECK(states.reach(191) == 0);

  length = 256;
  states.restore(pool, length);
  CHECK(is(states.live(), 256));
  CHECK(states.reach(255) == 192);
  CHECK(advance(pool, states, length, 320) == Positions{320});
  CHECK(states.reach(319) == 256);
  CHECK(states.reach(255) == 0);  // 192 had to go

  length = 0;
  states.restore(pool, 0);
  CHECK(is(states.live(), 0));
  CHECK(states.reach(0) == 0);
  CHECK(advance(pool, states, length, 70) == Positions{64});
  states.restore(pool, 64);
  CHECK(is(states.live(), 64));
}

TEST_CASE("a step that never runs is taken back exactly, and no snapshot is lost to it") {
  StatePool pool{floats};
  StateHistory states;
  states.begin(pool);
  std::uint32_t length = 0;
  static_cast<void>(advance(pool, states, length, 140));
  states.prepare(pool, 400);
  CHECK(states.wanted(128) == nullptr);
  CHECK(states.wanted(256) == nullptr);
  CHECK(states.wanted(320) != nullptr);
  CHECK(states.wanted(384) != nullptr);
  CHECK(states.reach(390) == 390);  // not computed: nothing to return to
  CHECK(states.reach(140) == 140);
  CHECK(states.reach(139) == 128);
  states.prepare(pool, 200);  // cut back in part
  CHECK(states.wanted(192) != nullptr);
  CHECK(states.wanted(320) == nullptr);
  states.restore(pool, 140);
  states.prepare(pool, 140);
  CHECK(states.wanted(192) == nullptr);
  CHECK(is(states.live(), 140));
  CHECK(states.reach(127) == 64);
}

TEST_CASE("a fork has the same past and its own future") {
  StatePool pool{floats};
  StateHistory a;
  a.begin(pool);
  std::uint32_t length = 0;
  static_cast<void>(advance(pool, a, length, 200));
  a.prepare(pool, 300);  // prepared places are not shared
  StateHistory b = a.fork(pool);
  CHECK(b.live() != a.live());
  CHECK(is(b.live(), 200));
  CHECK(b.wanted(256) == nullptr);
  b.prepare(pool, 300);
  CHECK(b.wanted(256) != nullptr);
  CHECK(b.wanted(256) != a.wanted(256));
  std::uint32_t theirs = 200;
  CHECK(advance(pool, b, theirs, 400) == Positions{320, 384});
  CHECK(is(a.live(), 200));
  b.end(pool);
  a.restore(pool, 128);
  CHECK(is(a.live(), 128));
  a.end(pool);
  CHECK(a.live() == nullptr);

  // Everything came back.
  const std::size_t bytes = pool.bytes();
  for (std::size_t i = 0; i < bytes / (floats * sizeof(float)); ++i) static_cast<void>(pool.take());
  CHECK(pool.bytes() == bytes);
}

TEST_CASE("a new history begins with zeros, whatever the slot held before") {
  StatePool pool{floats};
  for (int round = 0; round < 3; ++round) {
    StateHistory states;
    states.begin(pool);
    CHECK(is(states.live(), 0));
    std::uint32_t length = 0;
    static_cast<void>(advance(pool, states, length, 65));
    states.end(pool);
  }
  CHECK(pool.bytes() == 2 * floats * sizeof(float));
}

TEST_CASE("without states there is nothing to keep, and every length can be reached") {
  StatePool pool{0};
  StateHistory states;
  states.begin(pool);
  states.prepare(pool, 1000);
  states.settle(pool, 1000);
  CHECK(states.live() == nullptr);
  CHECK(states.wanted(960) == nullptr);
  CHECK(states.reach(17) == 17);
  states.restore(pool, 17);
  StateHistory copy = states.fork(pool);
  copy.end(pool);
  states.end(pool);
  CHECK(pool.bytes() == 0);
}
