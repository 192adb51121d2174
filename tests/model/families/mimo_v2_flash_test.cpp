// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/mimo_v2_flash.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::MimoV2Flash;

namespace {
const Members base = small_config("mimo_v2_flash", {{"num_hidden_layers", "3"},
                                                    {"num_key_value_heads", "1"},
                                                    {"head_dim", "24"},
                                                    {"v_head_dim", "16"},
                                                    {"n_routed_experts", "4"},
                                                    {"num_experts_per_tok", "2"},
                                                    {"moe_intermediate_size", "32"}});
}

TEST_CASE("MiMo-V2-Flash: layers with a window have their own rope and heads") {
  const Config config = read_family<MimoV2Flash>(base);
  CHECK(by_layer(config, &Layer::window) == Ints{0, 129, 129});
  CHECK(by_layer(config, &Layer::rope) == Ints{0, 1, 1});
  CHECK(by_layer(config, &Layer::sparse) == Ints{0, 1, 1});
  CHECK(config.extents[0].kv_heads == 1);
  CHECK(config.extents[1].kv_heads == 2);
  CHECK(config.shape.value_dim == 16);
  CHECK(config.ropes[0].theta == 5000000);
  CHECK(config.ropes[1].theta == 10000);
  CHECK(config.ropes[1].rotary == 8);
  CHECK(config.value_scale == 0.707f);
  CHECK(config.routing.group_by_two);
  const Config listed = read_family<MimoV2Flash>(base, {{"hybrid_layer_pattern", "[0,0,1]"},
                                                        {"moe_layer_freq", "[0,0,1]"},
                                                        {"sliding_window_size", "8"},
                                                        {"swa_num_key_value_heads", "4"},
                                                        {"swa_rope_theta", "9000"},
                                                        {"rope_theta", "70000"},
                                                        {"attention_value_scale", "null"},
                                                        {"routed_scaling_factor", "null"}});
  CHECK(by_layer(listed, &Layer::window) == Ints{0, 0, 9});
  CHECK(by_layer(listed, &Layer::sparse) == Ints{0, 0, 1});
  CHECK(listed.extents[2].kv_heads == 4);
  CHECK(listed.ropes[0].theta == 70000);
  CHECK(listed.ropes[1].theta == 9000);
  CHECK(listed.value_scale == 1);
  CHECK(listed.routing.factor == 1);
  const Config typed = read_family<MimoV2Flash>(
      base, {{"layer_types", R"(["sliding_attention","full_attention","full_attention"])"},
             {"mlp_layer_types", R"(["sparse","dense","dense"])"},
             {"rope_parameters",
              R"({"full_attention":{"rope_theta":3000,"partial_rotary_factor":0.5},"sliding_attention":{"rope_theta":2000}})"}});
  CHECK(by_layer(typed, &Layer::rope) == Ints{1, 0, 0});
  CHECK(by_layer(typed, &Layer::sparse) == Ints{1, 0, 0});
  CHECK(typed.ropes[0].rotary == 12);
  CHECK(typed.ropes[1].theta == 2000);
  refuse<MimoV2Flash>(base, "swa_num_key_value_heads", {"0", "4097"});
  CHECK_FALSE(try_family<MimoV2Flash>(base, {{"swa_num_key_value_heads", "3"}}));
  refuse<MimoV2Flash>(base, "n_group", {"3", "0"});
  refuse<MimoV2Flash>(base, "hybrid_layer_pattern", {"[0,1]", "[0,1,2]"});
  refuse_as_unsupported<MimoV2Flash>(base, {{"mlp_layer_types", R"(["sparse","dense","other"])"}});
}

TEST_CASE("MiMo-V2-Flash's names") {
  std::vector<Tensor> tensors = with_ends({{"model.layers.#.input_layernorm.weight", {64}},
                                           {"model.layers.#.post_attention_layernorm.weight", {64}},
                                           {"model.layers.#.self_attn.q_proj.weight", {96, 64}},
                                           {"model.layers.0.self_attn.k_proj.weight", {24, 64}},
                                           {"model.layers.0.self_attn.v_proj.weight", {16, 64}},
                                           {"model.layers.#.self_attn.o_proj.weight", {64, 64}},
                                           {"model.layers.0.mlp.gate_proj.weight", {96, 64}},
                                           {"model.layers.0.mlp.up_proj.weight", {96, 64}},
                                           {"model.layers.0.mlp.down_proj.weight", {64, 96}}});
  for (const std::string p : {"model.layers.1.", "model.layers.2."})
    tensors.insert(tensors.end(), {{p + "self_attn.k_proj.weight", {48, 64}},
                                   {p + "self_attn.v_proj.weight", {32, 64}},
                                   {p + "self_attn.attention_sink_bias", {4}},
                                   {p + "mlp.gate.weight", {4, 64}},
                                   {p + "mlp.gate.e_score_correction_bias", {4}},
                                   {p + "mlp.experts.*.gate_proj.weight", {32, 64}},
                                   {p + "mlp.experts.*.up_proj.weight", {32, 64}},
                                   {p + "mlp.experts.*.down_proj.weight", {64, 32}}});
  check_names<MimoV2Flash>(read_family<MimoV2Flash>(base), tensors, {{"model.layers.2.self_attn.sinks", {4}}});
}
