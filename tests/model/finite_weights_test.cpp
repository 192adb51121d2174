// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/finite_weights.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/decode.hpp>

#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::test;

TEST_CASE("a checkpoint of finite weights stays as it is") {
  auto opened = model::open_checkpoint(read_golden("llama").path);
  REQUIRE(opened);
  std::vector<std::string> notes;
  CHECK(model::check_finite(
      *opened, true, [&](std::string_view note) { notes.emplace_back(note); }, 2));
  CHECK(notes.empty());
  for (const checkpoint::TensorInfo& tensor : opened->files.tensors) CHECK_FALSE(tensor.clamped);
}

TEST_CASE("NaN and infinities are refused by name, or clamped within their row") {
  auto opened = model::open_checkpoint(read_golden("llama").path);
  REQUIRE(opened);
  constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const std::string name = "model.layers.1.mlp.up_proj.weight";
  const checkpoint::TensorInfo* tensor = opened->files.tensors.find(name);
  REQUIRE(tensor);
  const std::size_t columns = tensor->columns();
  std::vector<float> values(tensor->elements(), 0.5f);
  values[3 * columns] = nan, values[3 * columns + 1] = infinity, values[3 * columns + 2] = -infinity, values[3 * columns + 3] = -2;
  for (std::size_t i = 0; i < columns; ++i) values[5 * columns + i] = i % 2 == 0 ? nan : infinity;
  auto edited = std::move(opened->files.tensors).edited([&](checkpoint::TensorInfo& t) {
    if (t.name == name)
      t.type = checkpoint::ElementType::f32, t.bytes = std::as_bytes(std::span{values}), t.selection = {}, t.permutation = {};
  });
  REQUIRE(edited);
  opened->files.tensors = *std::move(edited);

  const auto refused = model::check_finite(*opened, false, {}, 2);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::damaged);
  CHECK(refused.error().message().find(name) != std::string::npos);
  CHECK(refused.error().message().find("row 3") != std::string::npos);
  CHECK_FALSE(opened->files.tensors.find(name)->clamped);

  std::vector<std::string> notes;
  REQUIRE(model::check_finite(
      *opened, true, [&](std::string_view note) { notes.emplace_back(note); }, 2));
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].find(name + ": " + std::to_string(3 + columns)) != std::string::npos);
  tensor = opened->files.tensors.find(name);
  std::vector<float> rows(3 * columns);
  REQUIRE(checkpoint::decode_rows(*tensor, 3, 6, rows));
  CHECK(rows[0] == 0);
  CHECK(rows[1] == 2);
  CHECK(rows[2] == -2);
  CHECK(rows[4] == 0.5f);
  for (std::size_t i = 0; i < columns; ++i) CHECK(rows[2 * columns + i] == 0);
  CHECK(model::check_finite(*opened, false, {}, 2));
}
