// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/factors.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/decode.hpp>

using namespace ingot;
using namespace ingot::checkpoint;

TEST_CASE("a tensor is read times the factors of its rows and columns, after all other edits") {
  const std::array<float, 6> stored{1, 2, 3, 4, 5, 6};
  TensorInfo tensor{.name = "w", .shape = {3, 2}, .bytes = std::as_bytes(std::span{stored})};
  const auto read = [&](std::size_t begin, std::size_t end) {
    std::vector<float> out((end - begin) * tensor.columns());
    REQUIRE(decode_rows(tensor, begin, end, out));
    return out;
  };
  tensor.factors = std::make_shared<const Factors>(Factors{.rows = {1, 10, 100}, .columns = {2, 0.5f}});
  CHECK(read(0, 3) == std::vector<float>{2, 1, 60, 20, 1000, 300});
  CHECK(read(2, 3) == std::vector<float>{1000, 300});
  tensor.factors = std::make_shared<const Factors>(Factors{.rows = {1, 10, 100}, .columns = {}});
  CHECK(read(1, 3) == std::vector<float>{30, 40, 500, 600});
  tensor.factors = std::make_shared<const Factors>(Factors{});
  CHECK(read(0, 1) == std::vector<float>{1, 2});

  tensor.shape = {6};
  tensor.plus_one = true;
  tensor.factors = std::make_shared<const Factors>(Factors{.rows = {}, .columns = {1, 2, 3, 4, 5, 6}});
  CHECK(read(0, 1) == std::vector<float>{2, 6, 12, 20, 30, 42});
}
