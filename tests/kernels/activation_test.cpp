// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/activation.hpp>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("every table has another function for each activation") {
  for (const Functions* f : runnable()) {
    CAPTURE(f->isa);
    for (std::size_t i = 0; i < kernels::activation_count; ++i) {
      CHECK((f->gates[i] != nullptr && f->activations[i] != nullptr));
      for (std::size_t j = 0; j < i; ++j) CHECK((f->gates[i] != f->gates[j] && f->activations[i] != f->activations[j]));
    }
  }
}
