// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/page_softmax.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>

#include "fixtures.hpp"

using namespace fixtures;
using namespace kernels::detail;
using Scalar = kernels::isa::scalar;

TEST_CASE("products become weights, sums are rescaled when a larger one comes, what is not seen weighs nothing") {
  Random random{8};
  const kernels::HeadShape head{16, 16};
  const kernels::PartialLayout layout{head};
  Buffer<float> memory{kernels::attention_scratch(head)};
  const AttentionScratch<Scalar, quant::f32> s{memory.data(), head};
  constexpr std::size_t count = 3;
  constexpr Slice seen[count] = {{0, 64}, {10, 50}, {0, 0}};
  std::vector<float> products[count];
  for (std::size_t r = 0; r < count; ++r) {
    products[r] = random.normals(64);
    std::memcpy(s.weights.row(r), products[r].data(), 64 * sizeof(float));
    float* const sums = s.partial + r * layout.stride();
    for (std::size_t i = 0; i < layout.values; ++i) sums[i] = 1;
    sums[layout.largest()] = r == 2 ? lowest_product : -2.0f, sums[layout.total()] = r == 2 ? 0.0f : 5.0f;
  }
  const kernels::AttentionTask plain;
  weigh_page(
      s, count, [&](std::size_t r) { return seen[r]; }, ProductTerms<Scalar>{plain, 0, 0}, nullptr, nullptr, layout, s.partial);
  for (std::size_t r = 0; r < count; ++r) {
    const float* const sums = s.partial + r * layout.stride();
    float largest = r == 2 ? lowest_product : -2.0f;
    for (std::size_t i = seen[r].begin; i < seen[r].end; ++i) largest = std::max(largest, products[r][i]);
    CHECK(sums[layout.largest()] == largest);
    double total = r == 2 ? 0 : 5 * std::exp(-2.0 - static_cast<double>(largest));
    for (std::size_t i = 0; i < 64; ++i) {
      const bool visible = seen[r].begin <= i && i < seen[r].end;
      const double expected = visible ? std::exp(static_cast<double>(products[r][i] - largest)) : 0;
      CHECK(static_cast<double>(s.weights.row(r)[i]) == doctest::Approx(expected));
      total += expected;
    }
    CHECK(static_cast<double>(sums[layout.total()]) == doctest::Approx(total));
    CHECK(static_cast<double>(sums[4]) == doctest::Approx(r == 2 ? 1 : std::exp(-2.0 - static_cast<double>(largest))));
  }
}

TEST_CASE("a soft cap and the slopes of ALiBi change the products of a row by its head and its position") {
  Random random{9};
  const float slopes[] = {0.5f, 0.0625f, 2.0f};
  kernels::AttentionTask task;
  CHECK_FALSE(ProductTerms<Scalar>{task, 0, 0}.any());
  task.heads = 3, task.position = 130, task.soft_cap = 5, task.slopes = slopes;
  const ProductTerms<Scalar> terms{task, 4, 128};  // row 2 of the block is row 2 of the task, head 0
  REQUIRE(terms.any());
  auto row = random.normals(64);
  for (float& v : row) v *= 10;
  const auto before = row;
  terms.apply(2, row.data());
  for (std::size_t i = 0; i < 64; ++i) {
    const double expected = 5 * std::tanh(before[i] / 5.0) + 0.5 * (128.0 + static_cast<double>(i) - 132.0);
    CHECK(static_cast<double>(row[i]) == doctest::Approx(expected));
  }
}
