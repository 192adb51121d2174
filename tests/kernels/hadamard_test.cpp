// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/hadamard.hpp>

#include <bit>
#include <cmath>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

static_assert(kernels::hadamard_block(64) == 64 && kernels::hadamard_block(80) == 16 && kernels::hadamard_block(33) == 1);

TEST_CASE("every block is multiplied by the matrix of signs") {
  Random random{7};
  for (const Functions* f : runnable())
    for (const std::size_t n : {1u, 2u, 8u, 16u, 24u, 33u, 64u, 80u, 96u, 128u, 256u}) {
      CAPTURE(f->isa);
      CAPTURE(n);
      const auto x = random.normals(n);
      auto y = x;
      f->hadamard(y.data(), n);
      const std::size_t block = kernels::hadamard_block(n);
      for (std::size_t i = 0; i < n; ++i) {
        double expected = 0;
        for (std::size_t j = 0; j < block; ++j)
          expected += (std::popcount(i % block & j) % 2 == 0 ? 1 : -1) * static_cast<double>(x[i / block * block + j]);
        CHECK(std::fabs(static_cast<double>(y[i]) - expected) < 1e-4);
      }
    }
}
