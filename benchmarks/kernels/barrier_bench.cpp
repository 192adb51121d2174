// SPDX-License-Identifier: Apache-2.0
// A barrier of the team, as a percentage of a cache line's way to another core and back.
#include <atomic>
#include <cstdint>
#include <vector>

#include "interleaved.hpp"

namespace {

using namespace ingot;

constexpr std::uint32_t rounds = 4096;

/// Round trips a second of a line that two lanes write in turn; the others wait.
double round_trips() {
  alignas(64) static std::atomic<std::uint32_t> line;
  line = 0;
  double elapsed = 0;
  bench::team().run_on(bench::team().size(), [&](Lane& lane) {
    lane.barrier();
    const auto start = std::chrono::steady_clock::now();
    if (lane.rank() < 2)
      for (std::uint32_t i = 0; i < rounds; ++i) {
        while (line.load(std::memory_order_acquire) != 2 * i + lane.rank()) cpu_relax();
        line.store(2 * i + lane.rank() + 1, std::memory_order_release);
      }
    lane.barrier();
    if (lane.rank() == 0) elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  });
  return rounds / elapsed;
}

/// What a lane wrote before a barrier, all see behind it.
void check() {
  std::vector<std::uint32_t> written(bench::team().size() * 16);
  std::atomic<bool> right = true;
  bench::team().run_on(bench::team().size(), [&](Lane& lane) {
    for (std::uint32_t i = 1; i <= 1000; ++i) {
      written[lane.rank() * 16] = i;
      lane.barrier();
      for (std::uint32_t other = 0; other < lane.size(); ++other)
        if (written[other * 16] != i) right = false;
      lane.barrier();
    }
  });
  bench::verify(right, "barrier");
}

void barrier(benchmark::State& state) {
  if (bench::team().size() < 2) return state.SkipWithError("one processor: nobody to wait for");
  check();
  const auto run = [] {
    bench::team().run_on(bench::team().size(), [](Lane& lane) {
      for (std::uint32_t i = 0; i < rounds; ++i) lane.barrier();
    });
  };
  bench::interleave(state, rounds, run, round_trips);
  state.counters["ns"] = 1 / state.counters["G/s"];
  state.counters["lanes"] = bench::team().size();
}

BENCHMARK(barrier)->UseManualTime()->Unit(benchmark::kMicrosecond)->MinTime(0.2);

}  // namespace
