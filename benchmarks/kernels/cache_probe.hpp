// SPDX-License-Identifier: Apache-2.0
#pragma once  // benchmarks/kernels/cache_probe.hpp: kernels on data that stay in a cache, beside a sweep that reads as many bytes from it.

#include <chrono>
#include <cstddef>
#include <string>

#include <ingot/core/buffer.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/kernels/functions.hpp>

#include "interleaved.hpp"

namespace bench {

/// One call of a kernel, or of the sweep beside it, takes nanoseconds; so many bytes take 20 to 50 us.
inline constexpr std::size_t bytes_timed = std::size_t{4} << 20;

/// Reads a buffer over and over with one thread: the bandwidth of the smallest cache it fits.
class CacheProbe {
 public:
  explicit CacheProbe(std::size_t bytes) : memory_{ingot::round_up(bytes, 256)} {}

  /// Bytes a second.
  [[nodiscard]] double measure(const ingot::kernels::Functions& f) {
    const std::size_t sweeps = bytes_timed / memory_.size() + 1;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < sweeps; ++i) benchmark::DoNotOptimize(f.read_sweep(memory_.data(), memory_.size()));
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return static_cast<double>(sweeps * memory_.size()) / elapsed;
  }

 private:
  ingot::Buffer<std::byte> memory_;
};

/// Registers `kernel`, which reads and writes `bytes` in a call, beside a sweep over as many. Bytes written count as bytes read.
template <class Kernel>
void add_in_cache(const std::string& name, const ingot::kernels::Functions& f, std::size_t bytes, Kernel kernel) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [=, &f](benchmark::State& state) {
                                 CacheProbe probe{bytes};
                                 const std::size_t calls = bytes_timed / bytes + 1;
                                 const auto all = [&] {
                                   for (std::size_t i = 0; i < calls; ++i) {
                                     kernel();
                                     benchmark::ClobberMemory();
                                   }
                                 };
                                 interleave(state, static_cast<double>(bytes * calls), all, [&] { return probe.measure(f); });
                                 state.counters["ns"] = static_cast<double>(bytes) / state.counters["G/s"];
                               })
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond)
      ->MinTime(0.05);
}

/// The whole program of a benchmark that add_all(functions) registers for every instruction set this machine has.
template <class AddAll>
void run_for_each_isa(int argc, char** argv, AddAll&& add_all) {
  for (const char* isa : isas)
    if (const ingot::kernels::Functions* f = ingot::kernels::find_functions(isa)) add_all(*f);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

}  // namespace bench
