// SPDX-License-Identifier: Apache-2.0
// Rotary embedding of one token's heads in the first-level cache, as a percentage of a sweep of what it reads and writes.
#include <cmath>
#include <string>
#include <vector>

#include "cache_probe.hpp"

namespace {

using namespace ingot;

// Qwen3-0.6B: 16 queries and 8 keys of 128 in each layer
constexpr std::size_t heads = 24, rotary = 128, half = rotary / 2;

void register_all(const kernels::Functions& f) {
  static std::vector<float> x(heads * rotary), cosine(half), sine(half);
  for (std::size_t i = 0; i < half; ++i) {
    const double angle = 1000 / std::pow(1e6, static_cast<double>(i) / half);
    cosine[i] = static_cast<float>(std::cos(angle)), sine[i] = static_cast<float>(std::sin(angle));
  }
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
  const std::vector<float> before = x;
  const auto rotate = [&f] {
    for (std::size_t h = 0; h < heads; ++h) f.rope_half(x.data() + h * rotary, cosine.data(), sine.data(), rotary);
  };
  rotate();
  for (const std::size_t h : {std::size_t{0}, heads - 1})
    for (std::size_t i = 0; i < half; ++i) {
      const float a = before[h * rotary + i], b = before[h * rotary + half + i];
      bench::verify(std::fabs(x[h * rotary + i] - (a * cosine[i] - b * sine[i])) < 1e-6f, "rope_half");
      bench::verify(std::fabs(x[h * rotary + half + i] - (b * cosine[i] + a * sine[i])) < 1e-6f, "rope_half");
    }
  bench::add_in_cache(std::string(f.isa) + "/rope_half/24x128", f, heads * (2 * rotary + 2 * half) * sizeof(float), rotate);
}

}  // namespace

int main(int argc, char** argv) { bench::run_for_each_isa(argc, argv, register_all); }
