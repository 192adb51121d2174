// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/probe.hpp>

#include <doctest/doctest.h>

#include <ingot/kernels/sweep.hpp>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("the sweep reads every word once") {
  Random random{1};
  Buffer<std::uint32_t> words{1024};
  std::uint32_t expected = 0;
  for (std::uint32_t& word : words) expected ^= word = random.below(0xffffffffu);
  for (const Functions* f : runnable()) CHECK(f->read_sweep(reinterpret_cast<const std::byte*>(words.data()), 4096) == expected);
}

TEST_CASE("probes are positive, and the work they count is what they did") {
  Team team{2};
  CHECK(kernels::ReadProbe{std::size_t{8} << 20}.measure(team) > 1e8);
  CHECK(kernels::product_peak(team) > 1e8);
  CHECK(kernels::fma_peak(team) > 1e8);
  const double clock = kernels::clock_rate(team);
  CHECK(clock > 1e8);
  CHECK(clock < 1e10);  // no processor: additions that take no cycle would give 15e9 on Golden Cove
  CHECK((kernels::vnni_peak(team) > 0) == (kernels::find_functions("avx512vnni") != nullptr));
  for (const Functions* f : runnable()) {
    CHECK(f->product_burst(10) == 10 * f->product_burst(1));
    CHECK(f->fma_burst(10) == 10 * f->fma_burst(1));
  }
}
