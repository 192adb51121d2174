// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/phi3.hpp>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Phi3;

TEST_CASE("Phi 3: longrope by its three names, windows of all layers") {
  const Members base = small_config("phi3", {{"max_position_embeddings", "1024"}});
  const std::string factors = R"(,"short_factor":[1,1,1,1,2,2,2,2],"long_factor":[3,3,3,3,4,4,4,4]})";
  for (const std::string kind : {"longrope", "su", "yarn"}) {
    CAPTURE(kind);
    const RopeConfig rope =
        read_family<Phi3>(base, {{"rope_scaling", "{\"type\":\"" + kind + "\"" + factors}, {"original_max_position_embeddings", "128"}})
            .ropes[0];
    CHECK(rope.scaling == RopeScaling::longrope);
    CHECK(rope.original_positions == 128);
    CHECK(rope.factor == 8);
    CHECK(rope.long_factor[7] == 4);
  }
  const std::string scaling = R"({"type":"longrope")" + factors;
  CHECK(read_family<Phi3>(base, {{"rope_scaling", scaling}}).ropes[0].original_positions == 4096);
  CHECK_FALSE(try_family<Phi3>(base, {{"rope_scaling", scaling}, {"partial_rotary_factor", "0.75"}}));  // one factor for each pair
  CHECK(read_family<Phi3>(base, {{"partial_rotary_factor", "0.75"}}).ropes[0].rotary == 12);
  CHECK(by_layer(read_family<Phi3>(base, {{"sliding_window", "16"}}), &Layer::window) == Ints{16, 16});
  CHECK(by_layer(read_family<Phi3>(base), &Layer::window) == Ints{0, 0});
  refuse<Phi3>(base, "original_max_position_embeddings", {});

  check_names<Phi3>(read_family<Phi3>(base), with_ends({{"model.layers.#.input_layernorm.weight", {64}},
                                                        {"model.layers.#.post_attention_layernorm.weight", {64}},
                                                        {"model.layers.#.self_attn.qkv_proj.weight", {128, 64}},
                                                        {"model.layers.#.self_attn.o_proj.weight", {64, 64}},
                                                        {"model.layers.#.mlp.gate_up_proj.weight", {192, 64}},
                                                        {"model.layers.#.mlp.down_proj.weight", {64, 96}}}));
}
