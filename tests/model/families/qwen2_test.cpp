// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/qwen2.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Qwen2;

static_assert(Qwen2::traits == Family{});

TEST_CASE("Qwen 2's configuration with the windows of its upper layers") {
  const Members base = small_config("qwen2", {{"sliding_window", "8"}, {"max_window_layers", "1"}});
  CHECK(by_layer(read_family<Qwen2>(base, {{"use_sliding_window", "false"}}), &Layer::window) == Ints{0, 0});
  CHECK(by_layer(read_family<Qwen2>(base), &Layer::window) == Ints{0, 0});
  CHECK(by_layer(read_family<Qwen2>(base, {{"use_sliding_window", "true"}}), &Layer::window) == Ints{0, 8});
  CHECK(by_layer(read_family<Qwen2>(base, {{"use_sliding_window", "true"}, {"sliding_window", "null"}}), &Layer::window) == Ints{0, 0});
  CHECK(read_family<Qwen2>(base, {{"max_position_embeddings", ""}}).max_positions == 32768);
}

TEST_CASE("the text of a vision-language model turns by the plain rope") {
  const Config config = read_family<Qwen2>(small_config("qwen2_vl", {{"rope_scaling", R"({"type":"mrope","mrope_section":[2,3,3]})"}}));
  CHECK(config.ropes[0].scaling == RopeScaling::none);
  CHECK(config.ropes[0].rotary == 16);
}

TEST_CASE("MiMo's layers that predict further tokens are left out") {
  std::vector<Tensor> tensors = with_ends(llama_layers());
  tensors.push_back({"model.mtp_layers.0.input_layernorm.weight", {64}});
  const auto index = check_names<Qwen2>(read_family<Qwen2>(small_config("mimo")), tensors);
  CHECK(index.find("model.mtp_layers.0.input_layernorm.weight") == nullptr);
}
