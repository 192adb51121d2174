// SPDX-License-Identifier: Apache-2.0
// Element-wise kernels on a row in the first-level cache, as a percentage of a sweep of what they read and write.
#include <cmath>
#include <string>
#include <vector>

#include "cache_probe.hpp"

namespace {

using namespace ingot;

constexpr std::size_t width = 1536;

void register_all(const kernels::Functions& f) {
  static std::vector<float> x(width), y(width), z(width);
  for (std::size_t i = 0; i < width; ++i) x[i] = std::sin(static_cast<float>(i)), y[i] = std::cos(static_cast<float>(i));
  f.rms_norm(x.data(), x.data(), z.data(), width, 1e-6f);
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * v;
  bench::verify(std::fabs(z[7] - x[7] * x[7] / std::sqrt(sum / width)) < 1e-5, "rms_norm");
  f.add(z.data(), x.data(), width);
  bench::verify(std::fabs(z[7] - x[7] - x[7] * x[7] / std::sqrt(sum / width)) < 1e-5, "add");
  f.gate(kernels::Activation::silu, x.data(), y.data(), z.data(), width);
  bench::verify(std::fabs(z[5] - x[5] / (1 + std::exp(-x[5])) * y[5]) < 1e-6, "gate");

  const std::string isa{f.isa};
  constexpr std::size_t row = width * sizeof(float);
  bench::add_in_cache(isa + "/rms_norm", f, 3 * row, [&f] { f.rms_norm(x.data(), y.data(), z.data(), width, 1e-6f); });
  bench::add_in_cache(isa + "/add", f, 3 * row, [&f] { f.add(z.data(), x.data(), width); });
  bench::add_in_cache(isa + "/gate_silu", f, 3 * row, [&f] { f.gate(kernels::Activation::silu, x.data(), y.data(), z.data(), width); });
}

}  // namespace

int main(int argc, char** argv) { bench::run_for_each_isa(argc, argv, register_all); }
