// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/quantize.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;
using kernels::InputForm;

namespace {

struct Row {
  std::vector<std::int8_t> codes;
  std::vector<float> scales;
  std::vector<std::int32_t> corrections;
};

Row quantize(const Functions& f, const std::vector<float>& x, const InputForm& form) {
  Row row{std::vector<std::int8_t>(form.columns + 1, 99), std::vector<float>(form.scales() + 1, -1),
          std::vector<std::int32_t>(form.corrections() + 1, 12345)};
  f.quantize_row(x.data(), x.size(), form, row.codes.data(), row.scales.data(), row.corrections.data());
  REQUIRE(row.codes.back() == 99);
  REQUIRE(row.scales.back() == -1);
  REQUIRE(row.corrections.back() == 12345);
  return row;
}

}  // namespace

TEST_CASE("codes are the nearest multiples of a block's max|x| / 127, the padding is zero") {
  Random random{1};
  for (const Functions* f : runnable())
    for (const std::size_t n : {1u, 5u, 16u, 31u, 64u, 100u, 577u}) {
      const auto x = random.normals(n);
      const InputForm form = kernels::form_of({{.bits = 4, .group = 32}, 16, n});
      const Row row = quantize(*f, x, form);
      for (std::size_t b = 0; b * 128 < n; ++b) {
        float largest = 0;
        for (std::size_t i = b * 128; i < std::min(n, b * 128 + 128); ++i) largest = std::max(largest, std::fabs(x[i]));
        CHECK(row.scales[b] == largest / 127.0f);
      }
      for (std::size_t i = 0; i < n; ++i) CHECK(std::fabs(static_cast<float>(row.codes[i]) - x[i] / row.scales[i / 128]) <= 0.5001f);
      for (std::size_t i = n; i < form.columns; ++i) CHECK(row.codes[i] == 0);
      for (std::size_t g = 0; g < form.corrections(); ++g) {
        std::int32_t sum = 0;
        for (std::size_t k = 0; k < form.group; ++k) sum += row.codes[g * form.group + k];
        CHECK(row.corrections[g] == -8 * sum);
      }
    }
}

TEST_CASE("ties go to even and the signs are symmetric on every ISA") {
  std::vector<float> x{127, -127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 126.5f};
  for (const Functions* f : runnable()) {
    const Row row = quantize(*f, x, {true, 16, 16, 1});
    const std::int8_t expected[] = {127, -127, 0, 2, 2, 0, -2, -2, 126};
    CHECK(std::equal(std::begin(expected), std::end(expected), row.codes.begin()));
  }
}

TEST_CASE("rows of zeros and of vanishing values give zeros") {
  for (const Functions* f : runnable())
    for (const float v : {0.0f, 1e-38f, 1e-42f}) {
      const Row row = quantize(*f, std::vector<float>(40, v), {true, 64, 32, -8});
      CHECK(std::all_of(row.codes.begin(), row.codes.end() - 1, [](int c) { return c == 0; }));
      CHECK(row.corrections[0] == 0);
      CHECK(row.scales[0] < 1e-30f);
    }
}
