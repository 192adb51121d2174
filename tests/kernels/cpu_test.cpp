// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/cpu.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;
using Scalar = kernels::isa::scalar;

TEST_CASE("a matrix of known scheme multiplies, adds and gives its rows as the handle of the table does") {
  constexpr Scheme scheme{.bits = 4, .group = 32};
  Random random{16};
  const PackedRandom w{scheme, 40, 64, random};
  const Functions& table = *kernels::find_functions("scalar");
  const Activations x{table, w.layout, random.normals(3 * 64)};
  const kernels::StaticMatrix<Scalar, scheme> known{PackedMatrix<scheme>{w.quants.data(), w.scales.data(), 40, 64}};
  const kernels::Matrix handle{w.bytes(), table.matrix(scheme)};
  std::vector<float> a(3 * 40, 1.0f), b = a;
  known.multiply(x.input(), a.data(), 40, {0, 3});
  handle.multiply(x.input(), b.data(), 40, {0, 3});
  CHECK(a == b);
  known.multiply(x.input(), a.data(), 40, {1, 2}, {kernels::Update::add});
  handle.multiply(x.input(), b.data(), 40, {1, 2}, {kernels::Update::add});
  CHECK(a == b);
  known.part({1, 3}).multiply(x.input(), a.data(), 40, {0, 2});  // rows 16 to 39
  handle.part({1, 3}).multiply(x.input(), b.data(), 40, {0, 2});
  CHECK(a == b);
  std::vector<float> whole(3 * 40);
  handle.multiply(x.input(), whole.data(), 40, {0, 3});
  for (std::size_t t = 0; t < 3; ++t) CHECK(std::equal(a.begin() + t * 40, a.begin() + t * 40 + 24, whole.begin() + t * 40 + 16));
  std::vector<float> row_a(64), row_b(64);
  known.row(39, row_a.data());
  handle.row(39, row_b.data());
  CHECK(row_a == row_b);
  CHECK(kernels::Cpu<Scalar>::name() == "scalar");
}
