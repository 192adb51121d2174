// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/instantiate.hpp>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("every entry of every table is filled") {
  for (const Functions* f : runnable()) {
    CAPTURE(f->isa);
    CHECK((f->rms_norm && f->layer_norm && f->add && f->add_scaled && f->scale && f->soft_cap && f->rope_half && f->rope_pair));
    CHECK((f->gate_clamped && f->sigmoid_gate && f->quantize_row && f->hadamard && f->maximum && f->softmax));
    CHECK((f->causal_convolution && f->delta_rule));
    CHECK((f->join_spans && f->matrices && f->product_burst && f->fma_burst && f->read_sweep));
    for (const kernels::CacheFunctions& cache : f->caches) CHECK((cache.attention && cache.attend_span && cache.append));
  }
  // Each scheme has its own instance: one entered twice would compute with another's codes.
  for (const kernels::CacheFunctions& a : runnable().front()->caches)
    for (const kernels::CacheFunctions& b : runnable().front()->caches) CHECK((&a == &b || a.attention != b.attention));
}
