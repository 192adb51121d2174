// SPDX-License-Identifier: Apache-2.0
// Attention's softmax over a page of the KV cache, as a percentage of the float multiply-add peak: eight for each exponential.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <ingot/kernels/probe.hpp>

#include "interleaved.hpp"
#include "page_softmax.hpp"

namespace {

using namespace ingot;

template <class Isa, Scheme KV>
void softmax(benchmark::State& state) {
  using Page = bench::PageSoftmax<Isa, KV>;
  constexpr std::size_t calls = 8;
  constexpr kernels::HeadShape head{16, 16};
  const kernels::Functions& f = *kernels::find_functions(Isa::name());
  Team alone{1};
  Buffer<float> scratch{kernels::attention_scratch(head)};
  const std::vector<float> ones(Page::positions, 1.0f), zeros(16, 0.0f);
  std::vector<float> products(Page::rows * Page::positions);
  for (std::size_t i = 0; i < products.size(); ++i) products[i] = 4 * std::sin(static_cast<float>(i * i));
  Page::load(scratch.data(), head, products.data());
  Page::weigh(scratch.data(), head, ones.data(), zeros.data());
  for (std::size_t r = 0; r < Page::rows; ++r) {
    const auto row = products.begin() + static_cast<std::ptrdiff_t>(r * Page::positions);
    const float largest = *std::max_element(row, row + Page::positions);
    double total = 0;
    for (std::size_t i = 0; i < Page::positions; ++i) total += std::exp(static_cast<double>(row[static_cast<std::ptrdiff_t>(i)] - largest));
    bench::verify(std::fabs(Page::total(scratch.data(), head, r) - total) < 1e-5 * total, "page softmax");
  }
  // The weights of one round are the products of the next: between 0 and 1, and none is larger than what came before.
  const auto run = [&] {
    for (std::size_t i = 0; i < calls; ++i) Page::weigh(scratch.data(), head, ones.data(), zeros.data());
  };
  bench::interleave(state, 8.0 * calls * static_cast<double>(products.size()), run, [&] { return kernels::fma_peak(alone, f); });
}

template <class Isa>
void add() {
  if (!Isa::supported()) return;
  const auto one = [&]<Scheme KV>(const char* kv) {
    benchmark::RegisterBenchmark((std::string(Isa::name()) + kv).c_str(), softmax<Isa, KV>)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond)
        ->MinTime(0.05);
  };
  one.template operator()<quant::f32>("/48x64/floats");
  one.template operator()<kernels::int8_kv>("/48x64/int8");
}

template <class... Isas>
void add_all(kernels::isa::List<Isas...>) {
  (add<Isas>(), ...);
}

}  // namespace

int main(int argc, char** argv) {
  add_all(kernels::isa::built{});
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
