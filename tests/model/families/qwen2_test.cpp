// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/qwen2.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/family_config.hpp"

using namespace ingot::model;
using ingot::test::read_family;

static_assert(families::Qwen2::traits.qk_norm == QkNorm::none);

TEST_CASE("Qwen 2's configuration with the windows of its upper layers") {
  const Config plain =
      read_family<families::Qwen2>("qwen2", R"(,"use_sliding_window":false,"sliding_window":131072,"max_window_layers":1)");
  CHECK(plain.window == std::vector<std::uint32_t>(2, 0));
  const Config windowed = read_family<families::Qwen2>("qwen2", R"(,"use_sliding_window":true,"sliding_window":8,"max_window_layers":1)");
  CHECK(windowed.window == std::vector<std::uint32_t>{0, 8});
}
