// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/llama.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/family_config.hpp"

using namespace ingot::model;
using ingot::test::read_family;

static_assert(families::Llama::traits.qk_norm == QkNorm::none);

TEST_CASE("Llama 3's configuration; windows are not Llama's") {
  const Config config = read_family<families::Llama>("llama", R"(,"use_sliding_window":true,"sliding_window":8,"max_window_layers":0)");
  CHECK(config.model_type == "llama");
  CHECK(config.window == std::vector<std::uint32_t>(2, 0));
  CHECK(config.eos == std::vector<std::int32_t>{128001, 128008, 128009});
  CHECK(config.rope.theta == 500000);
}
