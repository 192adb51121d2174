// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/page_input.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>

#include "fixtures.hpp"

using namespace fixtures;
using kernels::detail::PageInput;
using Scalar = kernels::isa::scalar;

TEST_CASE("rows become codes for int8 pages and stay floats for others") {
  Random random{6};
  const kernels::HeadShape head{24, 24};
  Buffer<float> memory{kernels::attention_scratch(head)};
  float* next = memory.data();
  const PageInput<Scalar, kernels::int8_kv> codes{next, kernels::key_layout(kernels::int8_kv, head)};
  const PageInput<Scalar, quant::f32> floats{next, kernels::key_layout(quant::f32, head)};
  CHECK(next <= memory.end());
  for (const std::size_t r : {std::size_t{0}, std::size_t{7}, kernels::detail::query_block - 1}) {
    const auto x = random.normals(head.key);
    std::copy(x.begin(), x.end(), codes.row(r));
    std::copy(x.begin(), x.end(), floats.row(r));
    float largest = 0;
    for (const float v : x) largest = std::max(largest, std::fabs(v));
    codes.complete(r);
    const kernels::Input rows = codes.rows(r + 1);
    const std::vector<std::int8_t> at_once(rows.codes + r * rows.stride, rows.codes + r * rows.stride + head.key);
    CHECK(rows.scales[r] == largest / 127);
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < head.key; ++i) {
      CHECK(std::fabs(static_cast<float>(at_once[i]) * rows.scales[r] - x[i]) <= 0.5001f * rows.scales[r]);
      sum += at_once[i];
    }
    CHECK(rows.corrections[r] == -128 * sum);
    codes.complete(r, largest);
    CHECK(std::equal(at_once.begin(), at_once.end(), rows.codes + r * rows.stride));
    CHECK(floats.rows(r + 1).floats[r * floats.stride() + 3] == x[3]);
  }
}
