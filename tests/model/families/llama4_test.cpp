// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/llama4.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Llama4Text;

namespace {
const Members base = small_config("llama4_text", {{"num_hidden_layers", "4"},
                                                  {"head_dim", "16"},
                                                  {"intermediate_size", "32"},
                                                  {"intermediate_size_mlp", "96"},
                                                  {"num_local_experts", "4"},
                                                  {"num_experts_per_tok", "1"},
                                                  {"attention_chunk_size", "16"},
                                                  {"interleave_moe_layer_step", "2"}});
}

TEST_CASE("Llama 4: layers that rotate within chunks, and layers that see everything") {
  const Config config = read_family<Llama4Text>(base, {{"no_rope_layers", "[1,0,1,0]"}});
  CHECK(by_layer(config, &Layer::rope) == Ints{0, -1, 0, -1});
  CHECK(by_layer(config, &Layer::chunk) == Ints{16, 0, 16, 0});
  CHECK(by_layer(config, &Layer::sparse) == Ints{0, 1, 0, 1});
  CHECK(config.shape.intermediate == 96);
  CHECK(config.shape.expert_width == 32);
  CHECK(config.shape.shared_width == 32);
  CHECK(config.query_scaling == QueryScaling::temperature);
  CHECK(config.query_scale == 0.1);
  CHECK(config.query_floor == 8192);
  CHECK(config.qk_norm);
  CHECK(config.ropes[0].theta == 500000);
  CHECK(by_layer(read_family<Llama4Text>(base, {{"no_rope_layers", "[]"}}), &Layer::rope) == Ints{0, 0, 0, -1});
  CHECK(by_layer(read_family<Llama4Text>(base, {{"attention_chunk_size", "null"}}), &Layer::chunk) == Ints{0, 0, 0, 0});
  CHECK(by_layer(read_family<Llama4Text>(base, {{"attention_chunk_size", ""}}), &Layer::chunk) == Ints{8192, 8192, 8192, 0});
  const Members typed{{"layer_types", R"(["full_attention","chunked_attention","chunked_attention","chunked_attention"])"}};
  CHECK(by_layer(read_family<Llama4Text>(base, typed), &Layer::chunk) == Ints{0, 16, 16, 16});
  CHECK(by_layer(read_family<Llama4Text>(base, {{"moe_layers", "[0,3,9]"}}), &Layer::sparse) == Ints{1, 0, 0, 1});
  refuse<Llama4Text>(base, "floor_scale", {"0", "-1"});
  refuse<Llama4Text>(base, "interleave_moe_layer_step", {"0"});
  refuse<Llama4Text>(base, "no_rope_layers", {"[1,1]", "[1,1,1,7]"});
}

TEST_CASE("MobileLLM-R1: no experts, nothing tuned") {
  const Config dense = read_family<Llama4Text>(base, {{"moe_layers", "[]"},
                                                      {"num_local_experts", "0"},
                                                      {"num_experts_per_tok", "0"},
                                                      {"interleave_moe_layer_step", "0"},
                                                      {"attn_temperature_tuning", "false"},
                                                      {"use_qk_norm", "false"}});
  CHECK(by_layer(dense, &Layer::sparse) == Ints{0, 0, 0, 0});
  CHECK(dense.shape.experts == 0);
  CHECK(dense.query_scaling == QueryScaling::none);
  CHECK_FALSE(dense.qk_norm);
  CHECK(read_family<Llama4Text>(base, {{"attn_temperature_tuning", "4"}}).query_scaling == QueryScaling::temperature);
  CHECK(read_family<Llama4Text>(base, {{"attn_temperature_tuning", "0"}}).query_scaling == QueryScaling::none);
}

TEST_CASE("Llama 4's experts are stored for x @ w") {
  std::vector<Tensor> tensors = with_ends({{"model.layers.#.input_layernorm.weight", {64}},
                                           {"model.layers.#.post_attention_layernorm.weight", {64}},
                                           {"model.layers.#.self_attn.q_proj.weight", {64, 64}},
                                           {"model.layers.#.self_attn.k_proj.weight", {32, 64}},
                                           {"model.layers.#.self_attn.v_proj.weight", {32, 64}},
                                           {"model.layers.#.self_attn.o_proj.weight", {64, 64}}});
  for (const std::string p : {"model.layers.0.feed_forward.", "model.layers.2.feed_forward."})
    tensors.insert(tensors.end(),
                   {{p + "gate_proj.weight", {96, 64}}, {p + "up_proj.weight", {96, 64}}, {p + "down_proj.weight", {64, 96}}});
  for (const std::string p : {"model.layers.1.feed_forward.", "model.layers.3.feed_forward."})
    tensors.insert(tensors.end(), {{p + "router.weight", {4, 64}},
                                   {p + "shared_expert.gate_proj.weight", {32, 64}},
                                   {p + "shared_expert.up_proj.weight", {32, 64}},
                                   {p + "shared_expert.down_proj.weight", {64, 32}},
                                   {p + "experts.gate_up_proj", {4, 64, 64}},
                                   {p + "experts.down_proj", {4, 32, 64}}});
  const auto index = check_names<Llama4Text>(read_family<Llama4Text>(base), tensors);
  CHECK(index.find("model.layers.1.mlp.experts.1.up_proj.weight")->selection(0) == 64 * 64 + 32);
}
