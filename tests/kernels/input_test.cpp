// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/input.hpp>

#include <doctest/doctest.h>

#include <ingot/quant/visit.hpp>

using namespace ingot;

TEST_CASE("the form of every shipped scheme: groups cover the padded row, float schemes ask for none") {
  for (const Scheme& scheme : quant::shipped) {
    CAPTURE(to_string(scheme));
    const kernels::PackedLayout layout{scheme, 16, 1000};
    const kernels::InputForm form = kernels::form_of(layout);
    CHECK(form.integer == scheme.is_integer());
    CHECK(form.columns == (scheme.is_integer() ? layout.padded_columns() : 1000));
    CHECK(form.corrections() == (scheme.is_integer() ? layout.groups() : 0));
    if (scheme.is_integer()) CHECK(form.factor == (scheme.zero == Zero::none ? -(1 << (scheme.bits - 1)) : 1));
  }
}
