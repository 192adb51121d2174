// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/qwen3.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/family_config.hpp"

using namespace ingot::model;
using ingot::test::read_family;

static_assert(families::Qwen3::traits.qk_norm == QkNorm::before_rope);

TEST_CASE("Qwen 3's configuration, windows by layer type") {
  const Config config = read_family<families::Qwen3>(
      "qwen3", R"(,"head_dim":128,"use_sliding_window":true,"sliding_window":16,"layer_types":["full_attention","sliding_attention"])");
  CHECK(config.shape.head_dim == 128);
  CHECK(config.shape.q_width() == 256);
  CHECK(config.window == std::vector<std::uint32_t>{0, 16});
}
