// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/input_rounding.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/buffer.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/kernels/input.hpp>

#include "quant/matrices.hpp"

using namespace ingot;

TEST_CASE("rows become what the kernels store") {
  for (const std::size_t columns : {32u, 100u, 256u, 300u})
    for (const std::uint32_t block : {32u, 64u, 128u}) {
      const std::vector<float> x = test::random_matrix(1, columns, 5);
      std::vector<float> rounded = x;
      quant::round_inputs(rounded, block);
      const kernels::InputForm form = kernels::form_of({{.bits = 4, .group = 32}, 16, columns}, block);
      Buffer<std::int8_t> codes{form.columns};
      Buffer<float> scales{form.scales()};
      Buffer<std::int32_t> corrections{form.corrections()};
      kernels::find_functions("scalar")->quantize_row(x.data(), columns, form, codes.data(), scales.data(), corrections.data());
      for (std::size_t i = 0; i < columns; ++i)
        CHECK(std::abs(rounded[i] - scales[i / form.scale_columns()] * static_cast<float>(codes[i])) <= 1e-6f);
    }
}

TEST_CASE("rows of zeros, and of the smallest numbers, stay") {
  for (const float value : {0.f, 1e-38f}) {
    std::vector<float> row(40, value);
    quant::round_inputs(row, 32);
    CHECK(row == std::vector<float>(40, value));
  }
}
