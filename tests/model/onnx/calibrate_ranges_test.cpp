// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/onnx/calibrate_ranges.hpp>

#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::model::onnx;
using namespace ingot::test;

TEST_CASE("ranges are the extremes of what each matrix is multiplied with") {
  const TemporaryDirectory temporary;
  const TinyModel tiny;
  TinyTensors tensors = tiny.tensors();
  const auto opened = open_checkpoint(write_checkpoint(temporary.path() / "in", tiny));
  REQUIRE(opened);
  const CalibrationText text{"test", {random_tokens(9, 131), random_tokens(5, 131, 8)}};
  const auto ranges = calibrate_ranges(*opened, text, 2);
  REQUIRE(ranges);
  CHECK(ranges->size() == 2 * 7 + 1);  // all matrices but the embedding
  CHECK_FALSE(ranges->contains("model.embed_tokens.weight"));
  const auto& first = ranges->at("model.layers.0.self_attn.q_proj.weight");
  CHECK(first == ranges->at("model.layers.0.self_attn.v_proj.weight"));
  CHECK(ranges->at("model.layers.1.mlp.gate_proj.weight") == ranges->at("model.layers.1.mlp.up_proj.weight"));

  Range expected{std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()};
  const std::size_t hidden = tiny.shape.hidden;
  for (const auto& sequence : text.sequences)
    for (const std::int32_t token : sequence) {
      const float* row = tensors.at("model.embed_tokens.weight").values.data() + static_cast<std::size_t>(token) * hidden;
      double squares = 0;
      for (std::size_t i = 0; i < hidden; ++i) squares += static_cast<double>(row[i]) * static_cast<double>(row[i]);
      const double factor = 1 / std::sqrt(squares / static_cast<double>(hidden) + 1e-5);
      for (std::size_t i = 0; i < hidden; ++i) {
        const auto n = static_cast<float>(row[i] * factor) * tensors.at("model.layers.0.input_layernorm.weight").values[i];
        expected |= {n, n};
      }
    }
  CHECK(first.low == doctest::Approx(expected.low));
  CHECK(first.high == doctest::Approx(expected.high));
}

TEST_CASE("a calibration without text, and one that is stopped") {
  const TemporaryDirectory temporary;
  const auto opened = open_checkpoint(write_checkpoint(temporary.path() / "in", TinyModel{}));
  REQUIRE(opened);
  CHECK(calibrate_ranges(*opened, {"test", {}}, 1).error().code == ErrorCode::usage);
  Cancellation cancellation;
  cancellation.request();
  CHECK(calibrate_ranges(*opened, {"test", {random_tokens(4, 131)}}, 1, &cancellation).error().code == ErrorCode::cancelled);
}
