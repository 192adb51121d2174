// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/input.hpp>

#include <algorithm>
#include <cstdint>

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
    const bool cut = scheme.is_integer() && scheme.group != 0;
    const std::uint32_t block = std::max<std::uint32_t>(scheme.group, kernels::usual_block(scheme));
    CHECK(form.scales() == (cut ? (form.columns + block - 1) / block : scheme.is_integer()));
    if (cut) CHECK(form.scale_columns() % form.group == 0);
    if (scheme.is_integer()) CHECK(form.factor == (layout.is_sparse() ? 0 : scheme.zero == Zero::none ? -(1 << (scheme.bits - 1)) : 1));
  }
}

TEST_CASE("rows in the middle of an input are an input") {
  const float floats[12] = {}, scales[6] = {};
  const std::int8_t codes[24] = {};
  const std::int32_t corrections[6] = {};
  const kernels::Input of_floats = kernels::Input{.floats = floats, .stride = 4, .rows = 3}.from(1, 2);
  CHECK(of_floats.floats == floats + 4);
  CHECK(of_floats.rows == 2);
  const kernels::Input of_codes =
      kernels::Input{
          .codes = codes, .stride = 8, .scales = scales, .scale_stride = 2, .corrections = corrections, .correction_stride = 2, .rows = 3}
          .from(2, 1);
  CHECK(of_codes.codes == codes + 16);
  CHECK(of_codes.scales == scales + 4);
  CHECK(of_codes.corrections == corrections + 4);
  CHECK(of_codes.rows == 1);
}
