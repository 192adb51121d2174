// SPDX-License-Identifier: Apache-2.0
// One to eight tokens times a matrix far larger than the caches, as a percentage of a read sweep: decode and verification.
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ingot/kernels/probe.hpp>
#include <ingot/quant/visit.hpp>

#include "interleaved.hpp"
#include "operands.hpp"

namespace {

using namespace ingot;

void gemv(benchmark::State& state, const kernels::Functions& functions, Scheme scheme, std::size_t tokens) {
  constexpr std::size_t columns = 1536, bytes = std::size_t{192} << 20;
  const std::size_t rows = bytes * 8 / scheme.bits / columns / 32 * 32;
  static kernels::ReadProbe probe;
  const bench::Operands operands{functions, scheme, rows, columns, tokens};
  std::vector<float> y(rows * tokens);
  const kernels::Matrix w = operands.matrix();
  const auto multiply = [&] {
    bench::team().run([&](Lane& lane) { w.multiply(operands.input(), y.data(), rows, lane.slice(w.layout.panels(), 2)); });
  };
  multiply();
  for (const std::size_t t : {std::size_t{0}, tokens - 1})
    for (const std::size_t n : {std::size_t{3}, rows - 1})
      bench::verify(std::fabs(y[t * rows + n] - operands.expected(t, n)) <= 1e-5 * operands.magnitude(t, n), "gemv");
  bench::interleave(state, static_cast<double>(operands.bytes()), multiply, [&] { return probe.measure(bench::team(), functions); });
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* isa : bench::isas)
    if (const kernels::Functions* f = kernels::find_functions(isa))
      for (const Scheme& scheme : quant::shipped)
        for (const std::size_t tokens : {1, 2, 3, 4, 8}) {
          const std::string name = std::string(f->isa) + "/" + to_string(scheme) + "/192MB/tokens:" + std::to_string(tokens);
          benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { gemv(state, *f, scheme, tokens); })
              ->UseManualTime()
              ->Unit(benchmark::kMillisecond)
              ->Iterations(21);
        }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
