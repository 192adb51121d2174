// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/dequantize.hpp>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("a row of every shipped scheme is what its layout says, on every ISA") {
  Random random{13};
  for (const Scheme& scheme : quant::shipped) {
    CAPTURE(to_string(scheme));
    const PackedRandom w{scheme, 21, 99, random};
    std::vector<float> out(99);
    for (const Functions* f : runnable())
      for (const std::size_t r : {std::size_t{0}, std::size_t{13}, std::size_t{20}}) {
        f->matrix(scheme)->row(w.bytes(), r, out.data());
        for (std::size_t k = 0; k < out.size(); ++k) CHECK(static_cast<double>(out[k]) == doctest::Approx(w.weight(r, k)).epsilon(1e-5));
      }
  }
}
