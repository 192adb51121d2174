// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/smollm3.hpp>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Smollm3;

TEST_CASE("layers of SmolLM3 that do not rotate: listed, by interval, by default") {
  const Members base = small_config("smollm3", {{"num_hidden_layers", "5"}});
  CHECK(by_layer(read_family<Smollm3>(base, {{"no_rope_layers", "[1,1,0,0,1]"}}), &Layer::rope) == Ints{0, 0, -1, -1, 0});
  CHECK(by_layer(read_family<Smollm3>(base, {{"no_rope_layers", "[1,1,0,0,1,0,0]"}}), &Layer::rope) == Ints{0, 0, -1, -1, 0});
  CHECK(by_layer(read_family<Smollm3>(base, {{"no_rope_layer_interval", "2"}}), &Layer::rope) == Ints{0, -1, 0, -1, 0});
  const Config config = read_family<Smollm3>(base);
  CHECK(by_layer(config, &Layer::rope) == Ints{0, 0, 0, -1, 0});
  CHECK(config.tied);
  CHECK(config.ropes[0].theta == 2000000);
  refuse<Smollm3>(base, "no_rope_layers", {"[1,1]", "[1,1,2,1,1]", "[1,1,\"a\",1,1]", "3"});
  refuse<Smollm3>(base, "no_rope_layer_interval", {"0", "-4"});
}

TEST_CASE("windows of SmolLM3") {
  const Members base = small_config("smollm3", {{"num_hidden_layers", "4"}, {"use_sliding_window", "true"}, {"sliding_window", "8"}});
  CHECK(by_layer(read_family<Smollm3>(base), &Layer::window) == Ints{0, 0, 0, 8});
  const Members typed{{"layer_types", R"(["sliding_attention","full_attention","full_attention","sliding_attention"])"}};
  CHECK(by_layer(read_family<Smollm3>(base, typed), &Layer::window) == Ints{8, 0, 0, 8});
  CHECK(by_layer(read_family<Smollm3>(base, {{"use_sliding_window", "false"}}), &Layer::window) == Ints{0, 0, 0, 0});
  refuse<Smollm3>(base, "layer_types", {R"(["full_attention"])", "7"});
}
