// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/team.hpp: SPMD threads. One region per step; every lane runs the whole program and takes its slice.

#include <algorithm>
#include <array>
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
#include <ingot/core/turns.hpp>

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

/// Waits while `word == old`: spins for about 50 us if `spin`, then sleeps in the kernel (futex), so that a lane whose core was
/// taken by another process is waited for without burning the core it may need. Calls before_sleep() between both.
template <class BeforeSleep>
void spin_then_wait(const std::atomic<std::uint32_t>& word, std::uint32_t old, bool spin, BeforeSleep&& before_sleep) noexcept {
  constexpr int spins = 2000;
  for (int i = 0; spin && i < spins; ++i) {
    if (word.load(std::memory_order_acquire) != old) return;
    cpu_relax();
  }
  before_sleep();
  while (word.load(std::memory_order_acquire) == old) word.wait(old, std::memory_order_acquire);
}

/// Counting barrier; reusable at once, and by another number of lanes when all have left it.
///
/// The kernel wakes a lane where the one that woke it runs, and beside other processes leaves both there: they never run together then,
/// and half of the time passes in the spins. So lanes tell where they are, and one that waited in vain on another's core leaves it.
/// Lane 0 stays: it is the caller's thread.
///
/// More lanes than processors never spin: whoever is waited for may need the core. Three lanes on two cores passed a barrier every 46 us
/// with spins and every 4 us without, five every 92 and 5.
///
/// A word that lanes sleep on is written with seq_cst: notify_all() asks first whether anyone sleeps, and a weaker store may still be on
/// its way to memory then, so that a lane which falls asleep at that moment sees the old word and is not woken. (An export hung so.)
class Barrier {
 public:
  static constexpr std::uint32_t most_lanes = 255;

  /// processors: that the lanes run on
  explicit Barrier(std::uint32_t processors = most_lanes) noexcept : processors_{processors} {}

  /// rank: of the calling lane, below `lanes` <= most_lanes
  void arrive_and_wait(std::uint32_t rank, std::uint32_t lanes) noexcept {
    if (lanes == 1) return;
    const std::int16_t here = current_processor();
    if (places_[rank].load(std::memory_order_relaxed) != here) places_[rank].store(here, std::memory_order_relaxed);
    const std::uint32_t generation = generation_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == lanes) {
      arrived_.store(0, std::memory_order_relaxed);
      generation_.fetch_add(1, std::memory_order_seq_cst);
      generation_.notify_all();
    } else {
      const bool apart = lanes <= processors_;
      spin_then_wait(generation_, generation, apart, [&] {
        if (apart && rank != 0 && shares(here, rank, lanes) && take_short_turns()) leave_processor(here);
      });
    }
  }

 private:
  /// Whether another lane was on processor `here` when it last arrived.
  [[nodiscard]] bool shares(std::int16_t here, std::uint32_t rank, std::uint32_t lanes) const noexcept {
    for (std::uint32_t other = 0; other < lanes; ++other)
      if (other != rank && places_[other].load(std::memory_order_relaxed) == here) return true;
    return false;
  }

  std::uint32_t processors_;
  alignas(64) std::atomic<std::uint32_t> arrived_ = 0;
  alignas(64) std::atomic<std::uint32_t> generation_ = 0;
  alignas(64) std::array<std::atomic<std::int16_t>, most_lanes> places_{};
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
    barrier_->arrive_and_wait(rank_, size_);
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
  static constexpr std::uint32_t most_lanes = Barrier::most_lanes;

  /// 0 asks for usable_processors(). More threads than processors are allowed (the results do not depend on it).
  explicit Team(std::uint32_t threads = 0) : Team{threads, usable_processors()} {}
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team() {
    announce(0);
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

  /// The same where other processes keep the cores busy and the kernel has no short turns: on fewer lanes. For short regions that come
  /// often: of a long one the wrong guess, when the process has just started and the kernel still reads its files, would cost half the
  /// speed. The program's results must not depend on the number of lanes.
  template <class Program>
  void run_beside_others(Program&& program) {
    if (take_short_turns()) return run_on(size_, program);
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
    take_short_turns();
    Lane lane{0, lanes, barrier_};
    std::uint64_t seen = preemptions();
    call_(state_, lane);
    barriers_ = lane.barriers();
    count_preemptions(seen);
    barrier_.arrive_and_wait(0, lanes);
  }

 private:
  Team(std::uint32_t threads, std::uint32_t processors)
      : size_{std::clamp(threads == 0 ? processors : threads, 1u, most_lanes)}, spin_{size_ <= processors}, barrier_{processors} {
    workers_.reserve(size_ - 1);
    for (std::uint32_t rank = 1; rank < size_; ++rank) workers_.emplace_back([this, rank] { work(rank); });
  }
  /// Starts a region: its number and, in the low byte, its lanes; 0 ends the workers. A worker that is not among them never looks
  /// at the region.
  void announce(std::uint32_t lanes) noexcept {
    const std::uint32_t region = (epoch_.load(std::memory_order_relaxed) >> 8) + 1;
    epoch_.store(region << 8 | lanes, std::memory_order_seq_cst);  // see Barrier
    epoch_.notify_all();
  }
  void work(std::uint32_t rank) noexcept {
    take_short_turns();
    std::uint64_t preempted = preemptions();
    for (std::uint32_t seen = 0;;) {
      if (rank < (seen & 255) || seen == 0)
        spin_then_wait(epoch_, seen, spin_, [] {});
      else
        epoch_.wait(seen, std::memory_order_acquire);  // left out: spinning would burn a core that others want
      const std::uint32_t region = epoch_.load(std::memory_order_acquire);
      if (region == seen) continue;
      seen = region;
      const std::uint32_t lanes = seen & 255;
      if (lanes == 0) return;
      if (rank >= lanes) continue;
      Lane lane{rank, lanes, barrier_};
      call_(state_, lane);
      count_preemptions(preempted);
      barrier_.arrive_and_wait(rank, lanes);
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
  bool spin_;
  Barrier barrier_;
  alignas(64) std::atomic<std::uint32_t> epoch_ = 0;
  void (*call_)(void*, Lane&) = nullptr;
  void* state_ = nullptr;
  std::uint32_t barriers_ = 0;
  Crowding crowding_;
  std::atomic<std::uint64_t> preemptions_ = 0;
  std::atomic<std::uint32_t> preempted_lanes_ = 0;
  std::vector<std::thread> workers_;
};

}  // namespace ingot
