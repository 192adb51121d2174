// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/probe.hpp: what the machine can do at this moment: the denominators of all speed figures.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/functions.hpp>

namespace ingot::kernels {

namespace detail {
/// Seconds that all lanes together need for work(lane), the slowest counts.
template <class Work>
[[nodiscard]] double seconds(Team& team, Work&& work) {
  double elapsed = 0;
  team.run_on(team.size(), [&](Lane& lane) {  // crowded or not: a bound is one for all of them
    lane.barrier();
    const auto start = std::chrono::steady_clock::now();
    work(lane);
    lane.barrier();
    if (lane.rank() == 0) elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  });
  return elapsed;
}
}  // namespace detail

/// Reads memory with all lanes of a team. A class, because allocating its 256 MiB costs more than the sweep: caches of 32 MiB
/// and more do not count.
class ReadProbe {
 public:
  explicit ReadProbe(std::size_t bytes = std::size_t{256} << 20) : memory_{round_up(bytes, 4096)} {
    std::memset(memory_.data(), 1, memory_.size());  // what was never written is one page of zeros, read from the cache
  }

  /// Bytes a second of one sweep.
  [[nodiscard]] double measure(Team& team, const Functions& functions = best_functions()) {
    std::atomic<std::uint64_t> sum = 0;
    const double elapsed = detail::seconds(team, [&](Lane& lane) {
      const Slice share = lane.slice(memory_.size(), 4096);
      sum += functions.read_sweep(memory_.data() + share.begin, share.size());
    });
    checksum_ = sum;
    return static_cast<double>(memory_.size()) / elapsed;
  }

 private:
  Buffer<std::byte> memory_;
  std::uint64_t checksum_ = 0;  // kept, so that the reads are
};

/// Bytes a second that the lanes of the team read from memory together.
[[nodiscard]] inline double read_bandwidth(Team& team) { return ReadProbe{}.measure(team); }

/// Byte multiply-adds a second of all lanes in a loop over registers: vpdpbusd, or what the ISA has instead. About 3 ms.
[[nodiscard]] inline double product_peak(Team& team, const Functions& functions = best_functions()) {
  std::atomic<std::uint64_t> products = 0;
  const double elapsed = detail::seconds(team, [&](Lane&) { products += functions.product_burst(std::uint64_t{1} << 19); });
  return static_cast<double>(products) / elapsed;
}

/// Float multiply-adds a second of all lanes in a loop over registers. About 5 ms.
[[nodiscard]] inline double fma_peak(Team& team, const Functions& functions = best_functions()) {
  std::atomic<std::uint64_t> products = 0;
  const double elapsed = detail::seconds(team, [&](Lane&) { products += functions.fma_burst(std::uint64_t{1} << 20); });
  return static_cast<double>(products) / elapsed;
}

/// The same for AVX512-VNNI by name; 0 where the CPU has none.
[[nodiscard]] inline double vnni_peak(Team& team) {
  const Functions* functions = find_functions("avx512vnni");
  return functions == nullptr ? 0 : product_peak(team, *functions);
}

/// Cycles a second of the slowest lane: a chain of additions, each waiting for the one before. About 5 ms. Both addends are registers: of
/// constants Golden Cove adds several a cycle while it renames registers.
[[nodiscard]] inline double clock_rate(Team& team) {
  constexpr std::uint64_t rounds = 1 << 20, chain = 16;
  const double elapsed = detail::seconds(team, [](Lane&) {
    std::uint64_t x = 0, step = 3;
    for (std::uint64_t i = 0; i < rounds; ++i) {
      INGOT_UNROLL
      for (std::uint64_t k = 0; k < chain; ++k) {
        __asm__ volatile("" : "+r"(x), "+r"(step));  // the compiler must know neither
        x += step;
      }
    }
  });
  return static_cast<double>(rounds * chain) / elapsed;
}

/// 512-bit byte products that a core starts a cycle, rounded: 1 on Zen 4, 2 on Zen 5; 0 without AVX512-VNNI.
[[nodiscard]] inline int vnni_width(Team& team) {
  return static_cast<int>(vnni_peak(team) / (64.0 * team.size() * clock_rate(team)) + 0.5);
}

}  // namespace ingot::kernels
