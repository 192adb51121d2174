// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/team.hpp: SPMD threads. One region per step; every lane runs the whole program and takes its slice.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <ingot/core/checked.hpp>
#include <ingot/core/crowding.hpp>
#include <ingot/core/processors.hpp>

namespace ingot {

/// A half-open range of work items.
struct Slice {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
  [[nodiscard]] bool empty() const noexcept { return begin == end; }
};

inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits while `word == old`: spins for about 50 us, then sleeps in the kernel (futex), so that a lane whose core was
/// taken by another process is waited for without burning the core it may need.
inline void spin_then_wait(const std::atomic<std::uint32_t>& word, std::uint32_t old) noexcept {
  constexpr int spins = 2000;
  for (int i = 0; i < spins; ++i) {
    if (word.load(std::memory_order_acquire) != old) return;
    cpu_relax();
  }
  while (word.load(std::memory_order_acquire) == old) word.wait(old, std::memory_order_acquire);
}

/// Counting barrier; reusable at once, and by another number of lanes when all have left it.
class Barrier {
 public:
  void arrive_and_wait(std::uint32_t lanes) noexcept {
    if (lanes == 1) return;
    const std::uint32_t generation = generation_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == lanes) {
      arrived_.store(0, std::memory_order_relaxed);
      generation_.fetch_add(1, std::memory_order_acq_rel);
      generation_.notify_all();
    } else {
      spin_then_wait(generation_, generation);
    }
  }

 private:
  alignas(64) std::atomic<std::uint32_t> arrived_ = 0;
  alignas(64) std::atomic<std::uint32_t> generation_ = 0;
};

/// One thread's view of a region: who it is, what is its share, and where it waits for the others.
class Lane {
 public:
  Lane(std::uint32_t rank, std::uint32_t size, Barrier& barrier) noexcept : rank_{rank}, size_{size}, barrier_{&barrier} {}
  [[nodiscard]] std::uint32_t rank() const noexcept { return rank_; }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }

  /// This lane's share of `items`, cut at multiples of `unit`; shares differ by at most one unit.
  [[nodiscard]] Slice slice(std::size_t items, std::size_t unit = 1) const noexcept {
    const std::size_t units = divide_up(items, unit);
    const auto cut = [&](std::size_t r) { return std::min(items, units * r / size_ * unit); };
    return {cut(rank_), cut(std::size_t{rank_} + 1)};
  }

  /// Everything the lanes wrote before is visible to all after. Counted, see barriers().
  void barrier() noexcept {
    ++barriers_;
    barrier_->arrive_and_wait(size_);
  }
  [[nodiscard]] std::uint32_t barriers() const noexcept { return barriers_; }

 private:
  std::uint32_t rank_, size_;
  std::uint32_t barriers_ = 0;
  Barrier* barrier_;
};

/// Owns size()-1 workers; the calling thread is lane 0. Workers sleep between regions.
class Team {
 public:
  static constexpr std::uint32_t most_lanes = 255;

  /// 0 asks for usable_processors(). More threads than processors are allowed (the results do not depend on it).
  explicit Team(std::uint32_t threads = 0) : size_{std::clamp(threads == 0 ? usable_processors() : threads, 1u, most_lanes)} {
    workers_.reserve(size_ - 1);
    for (std::uint32_t rank = 1; rank < size_; ++rank) workers_.emplace_back([this, rank] { work(rank); });
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team() {
    stop_ = true;
    announce(size_);
    for (std::thread& worker : workers_) worker.join();
  }

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  /// Barriers that lane 0 passed in the last region, the closing one not counted.
  [[nodiscard]] std::uint32_t barriers() const noexcept { return barriers_; }

  /// Runs program(Lane&) on every lane and returns when all have ended. Not reentrant. The program must not throw.
  template <class Program>
  void run(Program&& program) {
    run_on(size_, program);
  }

  /// The same on fewer lanes where other processes keep the cores busy, for short regions that come often: of a long one the wrong
  /// guess, when the process has just started and the kernel still reads its files, would cost half the speed. The program's results
  /// must not depend on the number of lanes.
  template <class Program>
  void run_beside_others(Program&& program) {
    const auto start = std::chrono::steady_clock::now();
    preemptions_.store(0, std::memory_order_relaxed), preempted_lanes_.store(0, std::memory_order_relaxed);
    run_on(crowding_.lanes(size_), program);
    crowding_.observe(std::chrono::steady_clock::now() - start, preemptions_.load(std::memory_order_relaxed),
                      preempted_lanes_.load(std::memory_order_relaxed));
  }

  /// The same on the first `lanes` lanes, 1 .. size().
  template <class Program>
  void run_on(std::uint32_t lanes, Program&& program) {
    call_ = [](void* state, Lane& lane) { (*static_cast<std::remove_reference_t<Program>*>(state))(lane); };
    state_ = const_cast<void*>(static_cast<const void*>(&program));
    announce(lanes);
    Lane lane{0, lanes, barrier_};
    std::uint64_t seen = preemptions();
    call_(state_, lane);
    barriers_ = lane.barriers();
    count_preemptions(seen);
    barrier_.arrive_and_wait(lanes);
  }

 private:
  /// Starts a region: its number and, in the low byte, its lanes. A worker that is not among them never looks at the region.
  void announce(std::uint32_t lanes) noexcept {
    const std::uint32_t region = (epoch_.load(std::memory_order_relaxed) >> 8) + 1;
    epoch_.store(region << 8 | lanes, std::memory_order_release);
    epoch_.notify_all();
  }
  void work(std::uint32_t rank) noexcept {
    std::uint64_t preempted = preemptions();
    for (std::uint32_t seen = 0;;) {
      if (rank < (seen & 255) || seen == 0)
        spin_then_wait(epoch_, seen);
      else
        epoch_.wait(seen, std::memory_order_acquire);  // left out: spinning would burn a core that others want
      const std::uint32_t region = epoch_.load(std::memory_order_acquire);
      if (region == seen) continue;
      seen = region;
      if (stop_) return;
      const std::uint32_t lanes = seen & 255;
      if (rank >= lanes) continue;
      Lane lane{rank, lanes, barrier_};
      call_(state_, lane);
      count_preemptions(preempted);
      barrier_.arrive_and_wait(lanes);
    }
  }
  void count_preemptions(std::uint64_t& seen) noexcept {
    const std::uint64_t now = preemptions();
    if (now == seen) return;
    preemptions_.fetch_add(now - seen, std::memory_order_relaxed);
    preempted_lanes_.fetch_add(1, std::memory_order_relaxed);
    seen = now;
  }

  std::uint32_t size_;
  Barrier barrier_;
  alignas(64) std::atomic<std::uint32_t> epoch_ = 0;
  void (*call_)(void*, Lane&) = nullptr;
  void* state_ = nullptr;
  std::uint32_t barriers_ = 0;
  bool stop_ = false;
  Crowding crowding_;
  std::atomic<std::uint64_t> preemptions_ = 0;
  std::atomic<std::uint32_t> preempted_lanes_ = 0;
  std::vector<std::thread> workers_;
};

}  // namespace ingot
