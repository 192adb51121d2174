// SPDX-License-Identifier: Apache-2.0
// A row of activations to int8 codes with the corrections of its groups, as a percentage of a sweep of what it reads and writes.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <ingot/kernels/input.hpp>

#include "cache_probe.hpp"

namespace {

using namespace ingot;

void quantize(const kernels::Functions& f, std::size_t width, std::uint32_t group) {
  static std::vector<float> x(8960);
  static std::vector<std::int8_t> codes(x.size());
  static std::vector<std::int32_t> corrections(x.size() / 32);
  static float scale;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
  const kernels::InputForm form{true, static_cast<std::uint32_t>(width), group, -8};
  const auto run = [=, &f] { f.quantize_row(x.data(), width, form, codes.data(), &scale, corrections.data()); };
  run();
  float largest = 0;
  for (std::size_t i = 0; i < width; ++i) largest = std::max(largest, std::fabs(x[i]));
  bench::verify(std::fabs(scale - largest / 127) < 1e-7f, "the scale of quantize_row");
  for (std::size_t i = 0, sum = 0; i < width; ++i) {
    bench::verify(std::fabs(x[i] - scale * static_cast<float>(codes[i])) <= 0.501f * scale, "the codes of quantize_row");
    sum += static_cast<std::size_t>(codes[i]);
    if ((i + 1) % group == 0) bench::verify(corrections[i / group] == -8 * static_cast<std::int32_t>(sum), "a correction"), sum = 0;
  }
  const std::string name = std::string(f.isa) + "/quantize_row/" + std::to_string(width) + "/group:" + std::to_string(group);
  bench::add_in_cache(name, f, width * (sizeof(float) + 1), run);
}

}  // namespace

int main(int argc, char** argv) {
  bench::run_for_each_isa(argc, argv, [](const kernels::Functions& f) {
    for (const std::size_t width : {std::size_t{1536}, std::size_t{8960}})
      for (const std::uint32_t group : {32u, 128u}) quantize(f, width, group);
  });
}
