// SPDX-License-Identifier: Apache-2.0
// Element-wise kernels on rows that stay in the first-level cache: values a second of one thread.
#include <cmath>
#include <string>
#include <vector>

#include <ingot/kernels/functions.hpp>
#include <ingot/kernels/input.hpp>

#include "interleaved.hpp"

namespace {

using namespace ingot;

constexpr std::size_t width = 1536;

template <class Kernel>
void add(const std::string& name, std::size_t values, Kernel kernel) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    for (auto _ : state) {
      kernel();
      benchmark::ClobberMemory();
    }
    state.counters["values/s"] = benchmark::Counter(static_cast<double>(values), benchmark::Counter::kIsIterationInvariantRate);
  });
}

void register_all(const kernels::Functions& f) {
  static std::vector<float> x(width), y(width), z(width), logits(151936);
  static std::vector<std::int8_t> codes(width);
  static std::vector<std::int32_t> corrections(width / 64);
  static float scale;
  for (std::size_t i = 0; i < width; ++i) x[i] = std::sin(static_cast<float>(i)), y[i] = std::cos(static_cast<float>(i));
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = std::sin(static_cast<float>(i));
  logits[100000] = 3;
  f.rms_norm(x.data(), x.data(), z.data(), width, 1e-6f);
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * v;
  bench::verify(std::fabs(z[7] - x[7] * x[7] / std::sqrt(sum / width)) < 1e-5, "rms_norm");
  bench::verify(f.argmax(logits.data(), logits.size()) == 100000, "argmax");
  f.swiglu(x.data(), y.data(), z.data(), width);
  bench::verify(std::fabs(z[5] - x[5] / (1 + std::exp(-x[5])) * y[5]) < 1e-6, "swiglu");

  const std::string isa{f.isa};
  const kernels::InputForm form{true, width, 64, -8};
  add(isa + "/rms_norm", width, [&f] { f.rms_norm(x.data(), y.data(), z.data(), width, 1e-6f); });
  add(isa + "/add", width, [&f] { f.add(z.data(), x.data(), width); });
  add(isa + "/swiglu", width, [&f] { f.swiglu(x.data(), y.data(), z.data(), width); });
  add(isa + "/quantize_row", width, [&f, form] { f.quantize_row(x.data(), width, form, codes.data(), &scale, corrections.data()); });
  add(isa + "/rope_half/128", 128, [&f] { f.rope_half(z.data(), x.data(), y.data(), 128); });
  add(isa + "/softmax/1536", width, [&f] { f.softmax(z.data(), width); });
  add(isa + "/argmax/151936", logits.size(), [&f] { benchmark::DoNotOptimize(f.argmax(logits.data(), logits.size())); });
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* isa : bench::isas)
    if (const kernels::Functions* f = kernels::find_functions(isa)) register_all(*f);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
