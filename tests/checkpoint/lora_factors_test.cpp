// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/lora_factors.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/arrangement.hpp>

#include "checkpoint/tensor_file.hpp"

using namespace ingot;
using namespace ingot::checkpoint;
using namespace ingot::test;

namespace {

/// W [blocks * rows, columns] and factors for each block.
struct Changed {
  std::size_t blocks, rows, columns, rank = 3;
  FloatTensor w = random_tensor({blocks * rows, columns}, 1), left = random_tensor({blocks, rows, rank}, 2),
              right = random_tensor({blocks, columns, rank}, 3);

  [[nodiscard]] TensorInfo tensor(std::vector<std::size_t> shape, LoraParts::Magnitude magnitude = {}) const {
    const auto bytes = [](const FloatTensor& t) { return std::as_bytes(std::span{t.values}); };
    TensorInfo base{.name = "m.weight", .shape = std::move(shape), .bytes = bytes(w), .file = "f"}, made = base;
    made.values =
        std::make_shared<const LoraValues>(LoraParts{.base = base,
                                                     .block_rows = rows,
                                                     .rank = rank,
                                                     .scale = 0.5f,
                                                     .left = {.bytes = bytes(left), .blocks = rows * rank, .step = rank, .ranks = 1},
                                                     .right = {.bytes = bytes(right), .blocks = columns * rank, .step = rank, .ranks = 1},
                                                     .magnitude = magnitude,
                                                     .lengths = {.bytes = bytes(left), .step = 1}});
    return made;
  }
};

/// The values of `tensor` are those of the same view of W, and B A.
void check(const TensorInfo& tensor) {
  INFO(tensor.name);
  const auto factors = lora_factors(tensor);
  REQUIRE_MESSAGE(factors, factors.error().message());
  CHECK(factors->rank == 3);
  TensorInfo base = tensor;
  base.values = {};
  const FloatTensor up{{tensor.rows(), 3}, factors->up}, down{{3, tensor.columns()}, factors->down};
  CHECK(close(decoded(tensor), merged({tensor.shape, decoded(base)}, up, down, 1)));
}

}  // namespace

TEST_CASE("factors follow their matrix through splits, interleaved rows and transposition") {
  const Changed changed{1, 12, 20};
  TensorInfo whole = changed.tensor({12, 20}), other = whole;
  other.name = "t.weight";
  Arrangement arrangement{*TensorIndex::create({}, {whole, other})};
  arrangement.split("m", Split{3, {{"q", 1}, {"k", 3}}}).transpose("t");
  const auto index = std::move(arrangement).finish();
  REQUIRE(index);
  CHECK(index->size() == 3);
  for (const TensorInfo& tensor : *index) check(tensor);
  check(whole);
}

TEST_CASE("factors of experts are those of each") {
  for (const bool transposed : {false, true}) {
    const Changed changed{3, 8, 10};
    Arrangement arrangement{*TensorIndex::create({}, {changed.tensor({3, 8, 10})})};
    arrangement.experts("m.weight", {"e.#.gate", "e.#.up"}, {.transposed = transposed, .interleaved = true});
    const auto index = std::move(arrangement).finish();
    REQUIRE(index);
    CHECK(index->size() == 6);
    for (const TensorInfo& tensor : *index) check(tensor);
  }
}

TEST_CASE("changes that are no product of two factors are refused") {
  const Changed changed{1, 12, 20};
  const auto refused = [](const TensorInfo& tensor) {
    const auto factors = lora_factors(tensor);
    return !factors && factors.error().code == ErrorCode::unsupported;
  };
  CHECK(refused(changed.tensor({12, 20}, LoraParts::Magnitude::rows)));
  CHECK(refused(changed.tensor({12, 20}, LoraParts::Magnitude::columns)));
  TensorInfo unit = changed.tensor({12, 20});
  unit.unit_rows = true;
  CHECK(refused(unit));
  CHECK(refused(changed.tensor({2, 6, 20})));
  Arrangement arrangement{*TensorIndex::create({}, {changed.tensor({12, 20})})};
  arrangement.split_latent("m", 2, 4, 2, "key", "value");
  const auto index = std::move(arrangement).finish();
  REQUIRE(index);
  CHECK(refused(*index->find("key.weight")));
  check(*index->find("value.weight"));
  Changed blocks{2, 6, 20};
  CHECK(refused(blocks.tensor({12, 20})));
}
