// SPDX-License-Identifier: Apache-2.0
#pragma once  // benchmarks/kernels/interleaved.hpp: times a kernel between two runs of its probe; ratios survive a noisy machine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>

#include <ingot/core/team.hpp>

namespace bench {

/// The instruction sets that are timed where the CPU has them, best first.
inline constexpr const char* isas[] = {"amx", "avx512vnni", "avx-vnni", "avx2", "scalar"};

/// The team all kernels run on: every processor this process may use.
inline ingot::Team& team() {
  static ingot::Team instance;
  return instance;
}

/// Ends the program when a result that is about to be timed is wrong.
inline void verify(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "wrong result, nothing timed: %s\n", what);
  std::exit(1);
}

inline double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// Each iteration: probe, kernel, probe. `work`: units of one kernel call (bytes, multiply-adds); probe() gives units a second.
/// Reports the median rate and the median percentage of the mean of the two probes around it.
template <class Kernel, class Probe>
void interleave(benchmark::State& state, double work, Kernel&& kernel, Probe&& probe) {
  std::vector<double> ratio, rate;
  double before = probe();
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    kernel();
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    state.SetIterationTime(elapsed);
    const double after = probe();
    rate.push_back(work / elapsed);
    ratio.push_back(100 * rate.back() / ((before + after) / 2));
    before = after;
  }
  state.counters["G/s"] = median(rate) / 1e9;
  state.counters["%probe"] = median(ratio);
}

}  // namespace bench
