// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/mask.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::quant;
using ingot::test::random_matrix;
using ingot::test::source_of;

namespace {

/// By sorting each four, as the papers' programs do.
std::vector<float> naive(std::vector<float> row, const std::vector<float>& norms) {
  for (std::size_t i = 0; i + 4 <= row.size(); i += 4) {
    std::vector<std::size_t> order{0, 1, 2, 3};
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::abs(row[i + a]) * norms[i + a] < std::abs(row[i + b]) * norms[i + b];
    });
    row[i + order[0]] = row[i + order[1]] = 0;
  }
  return row;
}

}  // namespace

TEST_CASE("masks are those of their definitions") {
  const std::vector<float> weights = random_matrix(1, 400, 5);
  std::vector<float> norms(400), squares(400), ones(400, 1.f);
  for (std::size_t i = 0; i < norms.size(); ++i) {
    norms[i] = 0.1f + static_cast<float>(i * 7 % 13);
    squares[i] = norms[i] * norms[i];
  }
  std::vector<float> magnitude = weights, wanda = weights;
  prune_row(magnitude, ones);
  prune_row(wanda, squares);
  CHECK(magnitude == naive(weights, ones));
  CHECK(wanda == naive(weights, norms));
  CHECK(magnitude != wanda);
  for (const auto& row : {magnitude, wanda}) CHECK(std::count(row.begin(), row.end(), 0.f) == 200);
}

TEST_CASE("a mask that is there is kept, dead inputs or not; a short last four keeps two") {
  std::vector<float> row{0, -1e-20f, 0, 2, 3, 0, 0, 0, 1, 2, 3};
  std::vector<float> importance{4, 0, 9, 0, 0, 1, 1, 1, 1, 1, 1};
  const std::vector<float> before = row;
  prune_row(row, importance);
  CHECK(std::equal(row.begin(), row.begin() + 8, before.begin()));
  CHECK((row[8] == 0 && row[9] == 2 && row[10] == 3));
  std::vector<float> equal{1, -1, 1, 1};
  prune_row(equal, importance = {0, 0, 0, 0});
  CHECK(equal == std::vector<float>{1, -1, 0, 0});
}

TEST_CASE("rows are pruned as they are read; a pruned matrix is known by all of its rows") {
  constexpr std::size_t rows = 9, columns = 50;
  std::vector<float> weights = random_matrix(rows, columns, 6);
  const RowSource source = source_of(weights, columns), kept = pruned(source, columns, {});
  CHECK(!*is_pruned(source, rows, columns));
  CHECK(*is_pruned(kept, rows, columns));
  std::vector<float> all(rows * columns);
  REQUIRE(kept(0, rows, all));
  weights = all;
  CHECK(*is_pruned(source, rows, columns));
  weights[(rows - 1) * columns + 4] = weights[(rows - 1) * columns + 5] = weights[(rows - 1) * columns + 6] = 1;
  CHECK(!*is_pruned(source, rows, columns));
  std::fill(weights.begin(), weights.end(), 0.f);
  CHECK(!*is_pruned(source, rows, columns));
  const RowSource failing = [](std::size_t, std::size_t, std::span<float>) -> Status { return Error{ErrorCode::disk, "x", {}, {}}; };
  CHECK(is_pruned(failing, rows, columns).error().code == ErrorCode::disk);
  CHECK(pruned(failing, columns, {})(0, 1, all).error().code == ErrorCode::disk);
}
