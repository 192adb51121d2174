// SPDX-License-Identifier: Apache-2.0
// Products of many tokens as a percentage of the register-only product loop: prefill.
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <ingot/kernels/probe.hpp>
#include <ingot/quant/visit.hpp>

#include "interleaved.hpp"
#include "operands.hpp"

namespace {

using namespace ingot;

void gemm(benchmark::State& state, const kernels::Functions& functions, Scheme scheme, std::size_t rows, std::size_t columns,
          std::size_t tokens) {
  const bench::Operands operands{functions, scheme, rows, columns, tokens};
  std::vector<float> y(rows * tokens);
  const kernels::Matrix w = operands.matrix();
  const auto multiply = [&] {
    bench::team().run([&](Lane& lane) { w.multiply(operands.input(), y.data(), rows, lane.slice(w.layout.panels(), 2)); });
  };
  multiply();
  for (const std::size_t t : {std::size_t{0}, tokens - 1})
    for (const std::size_t n : {std::size_t{3}, rows - 1})
      bench::verify(std::fabs(y[t * rows + n] - operands.expected(t, n)) <= 1e-5 * operands.magnitude(t, n), "gemm");
  bench::interleave(state, static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(tokens), multiply, [&] {
    return scheme.is_integer() ? kernels::product_peak(bench::team(), functions) : kernels::fma_peak(bench::team(), functions);
  });
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* isa : bench::isas)
    if (const kernels::Functions* f = kernels::find_functions(isa))
      for (const Scheme& scheme : quant::shipped)
        for (const std::size_t tokens :
             {std::size_t{2}, std::size_t{4}, std::size_t{8}, std::size_t{16}, std::size_t{96}, std::size_t{512}}) {
          if (f->isa == "scalar" && tokens > 16) continue;
          const std::string name = std::string(f->isa) + "/" + to_string(scheme) + "/2304x1536/tokens:" + std::to_string(tokens);
          benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { gemm(state, *f, scheme, 2304, 1536, tokens); })
              ->UseManualTime()
              ->Unit(benchmark::kMicrosecond)
              ->MinTime(0.1);
        }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
