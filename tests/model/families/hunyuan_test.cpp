// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/hunyuan.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::HunyuanV1Dense;
using families::HunyuanV1Moe;

TEST_CASE("Hunyuan's base grows with alpha from the first token on") {
  const Members base = small_config("hunyuan_v1_dense", {{"use_qk_norm", "false"}});
  const RopeConfig rope =
      read_family<HunyuanV1Dense>(base, {{"rope_scaling", R"({"type":"dynamic","alpha":1000.0,"factor":1.0})"}}).ropes[0];
  CHECK(rope.scaling == RopeScaling::none);
  CHECK(rope.theta == doctest::Approx(10000 * std::pow(1000.0, 16.0 / 14)));
  CHECK(read_family<HunyuanV1Dense>(base, {{"rope_scaling", R"({"type":"dynamic","factor":2.0})"}}).ropes[0].scaling ==
        RopeScaling::dynamic);
  CHECK(read_family<HunyuanV1Dense>(base, {{"attention_head_dim", "32"}}).shape.head_dim == 32);
  CHECK_FALSE(try_family<HunyuanV1Dense>(base, {{"rope_scaling", R"({"type":"dynamic","alpha":0})"}}));
  CHECK_FALSE(try_family<HunyuanV1Dense>(base, {{"head_dim", "2"}, {"rope_scaling", R"({"type":"dynamic","alpha":10})"}}));
  CHECK_FALSE(try_family<HunyuanV1Dense>(base, {{"rope_scaling", R"({"type":"dynamic","alpha":1e308})"}, {"rope_theta", "1e300"}}));
}

TEST_CASE("Hunyuan's experts: as wide as the config's feed-forward, numbers for all layers or for each") {
  const Members base = small_config(
      "hunyuan_v1_moe", {{"num_experts", "4"}, {"moe_topk", "[2,2]"}, {"moe_intermediate_size", "[7,7]"}, {"num_shared_expert", "[1,1]"}});
  const Config config = read_family<HunyuanV1Moe>(base);
  CHECK(config.shape.experts == 4);
  CHECK(config.shape.experts_used == 2);
  CHECK(config.shape.expert_width == 96);
  CHECK(config.shape.shared_width == 96);
  CHECK(config.routing.normalize);
  CHECK(config.extents.empty());
  CHECK(read_family<HunyuanV1Moe>(base, {{"moe_topk", "1"}}).shape.experts_used == 1);
  const Config uneven = read_family<HunyuanV1Moe>(base, {{"moe_topk", "[1,3]"}});
  REQUIRE(uneven.extents.size() == 2);
  CHECK(uneven.extents[0].experts_used == 1);
  CHECK(uneven.extents[1].experts_used == 3);
  CHECK(uneven.shape.experts_used == 3);
  refuse<HunyuanV1Moe>(base, "moe_topk", {"5", "[2]", "[2,0]", "[2,5]", "[]", "0", "\"2\""});
  refuse<HunyuanV1Moe>(base, "num_experts", {"0", "16385", "[4]"});

  std::vector<Tensor> tensors = with_ends({{"model.layers.#.input_layernorm.weight", {64}},
                                           {"model.layers.#.post_attention_layernorm.weight", {64}},
                                           {"model.layers.#.self_attn.q_proj.weight", {64, 64}},
                                           {"model.layers.#.self_attn.k_proj.weight", {32, 64}},
                                           {"model.layers.#.self_attn.v_proj.weight", {32, 64}},
                                           {"model.layers.#.self_attn.o_proj.weight", {64, 64}},
                                           {"model.layers.#.self_attn.query_layernorm.weight", {16}},
                                           {"model.layers.#.self_attn.key_layernorm.weight", {16}},
                                           {"model.layers.#.mlp.gate.wg.weight", {4, 64}},
                                           {"model.layers.#.mlp.shared_mlp.gate_proj.weight", {96, 64}},
                                           {"model.layers.#.mlp.shared_mlp.up_proj.weight", {96, 64}},
                                           {"model.layers.#.mlp.shared_mlp.down_proj.weight", {64, 96}},
                                           {"model.layers.#.mlp.experts.*.gate_proj.weight", {96, 64}},
                                           {"model.layers.#.mlp.experts.*.up_proj.weight", {96, 64}},
                                           {"model.layers.#.mlp.experts.*.down_proj.weight", {64, 96}}});
  check_names<HunyuanV1Moe>(config, tensors);
}
