// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/pooling.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::generation;

namespace {

const std::vector<std::vector<float>> rows{{1, -2}, {4, -8}, {-3, -1}, {2, 5}};

std::vector<float> pooled(std::vector<Pooling> poolings, std::size_t skipped = 0) {
  Pooler pooler{poolings, 2, skipped};
  for (std::size_t i = 0; i < rows.size(); ++i) pooler.add(i, rows[i]);
  return pooler.result();
}

}  // namespace

TEST_CASE("each pooling is what its name says") {
  CHECK(pooled({Pooling::cls}) == std::vector<float>{1, -2});
  CHECK(pooled({Pooling::max}) == std::vector<float>{4, 5});
  CHECK(pooled({Pooling::mean}) == std::vector<float>{1, -1.5f});
  CHECK(pooled({Pooling::mean_sqrt}) == std::vector<float>{2, -3});
  CHECK(pooled({Pooling::weighted_mean}) == std::vector<float>{(1 + 8 - 9 + 8) / 10.0f, (-2 - 16 - 3 + 20) / 10.0f});
  CHECK(pooled({Pooling::last}) == std::vector<float>{2, 5});
  CHECK(pooled({Pooling::cls, Pooling::mean}) == std::vector<float>{1, -2, 1, -1.5f});
}

TEST_CASE("the rows of a prompt count for means and the maximum only") {
  CHECK(pooled({Pooling::mean}, 2) == std::vector<float>{-0.5f, 2});
  CHECK(pooled({Pooling::max}, 3) == std::vector<float>{2, 5});
  CHECK(pooled({Pooling::weighted_mean}, 3) == std::vector<float>{2, 5});
  CHECK(pooled({Pooling::cls, Pooling::last}, 2) == std::vector<float>{1, -2, 2, 5});
  for (const Pooling pooling : {Pooling::mean, Pooling::max, Pooling::mean_sqrt, Pooling::weighted_mean})
    CHECK(pooled({pooling}, 4) == std::vector<float>{0, 0});
}

TEST_CASE("the largest of negative values is negative") {
  Pooler pooler{std::vector{Pooling::max}, 1};
  pooler.add(0, std::vector{-3.0f});
  pooler.add(1, std::vector{-2.0f});
  CHECK(pooler.result() == std::vector<float>{-2});
}

TEST_CASE("vectors are made one long, and those of nothing stay nothing") {
  std::vector<float> values{3, -4};
  normalize_length(values);
  CHECK(values == std::vector<float>{0.6f, -0.8f});
  values = {0, 0};
  normalize_length(values);
  CHECK(values == std::vector<float>{0, 0});
  values = {3e30f, 4e30f};  // whose squares no float holds
  normalize_length(values);
  CHECK(values[0] == doctest::Approx(0.6));
  CHECK(values[1] == doctest::Approx(0.8));
}
