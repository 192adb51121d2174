// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/qwen3_next.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Qwen35;
using families::Qwen3Next;

namespace {

const Members delta{{"num_hidden_layers", "4"},
                    {"head_dim", "32"},
                    {"linear_num_key_heads", "2"},
                    {"linear_num_value_heads", "4"},
                    {"linear_key_head_dim", "8"},
                    {"linear_value_head_dim", "16"},
                    {"full_attention_interval", "2"},
                    {"num_experts", "4"},
                    {"num_experts_per_tok", "2"},
                    {"moe_intermediate_size", "32"},
                    {"shared_expert_intermediate_size", "48"}};

std::vector<Tensor> attention_layers() {
  std::vector<Tensor> tensors;
  for (const std::string layer : {"1", "3"}) {
    const std::string p = "model.layers." + layer + ".self_attn.";
    tensors.insert(tensors.end(), {{p + "q_proj.weight", {256, 64}},
                                   {p + "k_proj.weight", {64, 64}},
                                   {p + "v_proj.weight", {64, 64}},
                                   {p + "o_proj.weight", {64, 128}},
                                   {p + "q_norm.weight", {32}},
                                   {p + "k_norm.weight", {32}}});
  }
  tensors.insert(tensors.end(), {{"model.layers.#.input_layernorm.weight", {64}},
                                 {"model.layers.#.post_attention_layernorm.weight", {64}},
                                 {"model.layers.#.linear_attn.conv1d.weight", {96, 1, 4}},
                                 {"model.layers.#.linear_attn.A_log", {4}},
                                 {"model.layers.#.linear_attn.dt_bias", {4}},
                                 {"model.layers.#.linear_attn.norm.weight", {16}},
                                 {"model.layers.#.linear_attn.out_proj.weight", {64, 64}}});
  return with_ends(std::move(tensors));
}

}  // namespace

TEST_CASE("Qwen3-Next: which layers are what") {
  const Members base = small_config("qwen3_next", delta);
  const Config config = read_family<Qwen3Next>(base);
  CHECK(by_layer(config, &Layer::mixer) == Ints{1, 0, 1, 0});
  CHECK(by_layer(config, &Layer::sparse) == Ints{1, 1, 1, 1});
  CHECK(config.ropes[0].rotary == 8);
  CHECK(config.shape.taps == 4);
  CHECK(config.shape.shared_width == 48);
  CHECK(config.routing.normalize);
  const Config typed =
      read_family<Qwen3Next>(base, {{"layer_types", R"(["full_attention","linear_attention","linear_attention","full_attention"])"}});
  CHECK(by_layer(typed, &Layer::mixer) == Ints{0, 1, 1, 0});
  CHECK(by_layer(read_family<Qwen3Next>(base, {{"full_attention_interval", ""}}), &Layer::mixer) == Ints{1, 1, 1, 0});
  CHECK(read_family<Qwen3Next>(base, {{"head_dim", ""}}).ropes[0].rotary == 64);
  refuse<Qwen3Next>(base, "linear_num_key_heads", {"3", "0", "8"});
  refuse<Qwen3Next>(base, "linear_conv_kernel_dim", {"0", "65"});
  refuse<Qwen3Next>(base, "full_attention_interval", {"0"});
  refuse<Qwen3Next>(base, "layer_types", {"[]", R"(["full_attention"])"});
  refuse_as_unsupported<Qwen3Next>(base, {{"layer_types", R"(["full_attention","conv","linear_attention","full_attention"])"}});
}

TEST_CASE("Qwen3-Next's projections have a block for each key head") {
  const Config config = read_family<Qwen3Next>(small_config("qwen3_next", delta));
  std::vector<Tensor> tensors = attention_layers();
  tensors.insert(tensors.end(), {{"model.layers.#.linear_attn.in_proj_qkvz.weight", {160, 64}},
                                 {"model.layers.#.linear_attn.in_proj_ba.weight", {8, 64}},
                                 {"model.layers.#.mlp.gate.weight", {4, 64}},
                                 {"model.layers.#.mlp.shared_expert_gate.weight", {1, 64}},
                                 {"model.layers.#.mlp.shared_expert.gate_proj.weight", {48, 64}},
                                 {"model.layers.#.mlp.shared_expert.up_proj.weight", {48, 64}},
                                 {"model.layers.#.mlp.shared_expert.down_proj.weight", {64, 48}},
                                 {"model.layers.#.mlp.experts.gate_up_proj", {4, 64, 64}},
                                 {"model.layers.#.mlp.experts.down_proj", {4, 64, 32}}});
  const auto index = check_names<Qwen3Next>(config, tensors, {{"model.layers.0.mlp.shared_expert_gate.weight", {1, 64}}});
  const auto selection = [&](const std::string& name) { return index.find("model.layers." + name + ".weight")->selection; };
  CHECK(selection("0.linear_attn.in_proj_v")(0) == 16);   // [q 8; k 8; v 32; z 32] a key head
  CHECK(selection("0.linear_attn.in_proj_v")(32) == 96);  // the second key head's
  CHECK(selection("0.linear_attn.in_proj_a")(2) == 6);    // [b 2; a 2]
  CHECK(selection("1.self_attn.gate_proj")(0) == 32);
  CHECK(selection("1.self_attn.q_proj")(32) == 64);
  CHECK(index.find("model.norm.weight")->plus_one);
  CHECK(index.find("model.layers.1.self_attn.q_norm.weight")->plus_one);
  CHECK_FALSE(index.find("model.layers.0.linear_attn.norm.weight")->plus_one);
}

TEST_CASE("Qwen3.5, dense, with experts, and inside a vision-language model") {
  const Members dense = small_config("qwen3_5_text", delta);
  const Config config = read_family<Qwen35>(
      dense, {{"rope_parameters", R"({"rope_type":"default","rope_theta":1e7,"partial_rotary_factor":0.5,"mrope_section":[2,1,1]})"}});
  CHECK(config.ropes[0].theta == 1e7);
  CHECK(config.ropes[0].rotary == 16);
  CHECK(by_layer(config, &Layer::sparse) == Ints{0, 0, 0, 0});
  const Config sparse = read_family<Qwen35>(small_config("qwen3_5_moe_text", delta), {{"intermediate_size", ""}});
  CHECK(by_layer(sparse, &Layer::sparse) == Ints{1, 1, 1, 1});
  CHECK(sparse.routing.normalize);
  const Config inner = read_family<Qwen35>({{"model_type", "\"qwen3_5\""}, {"text_config", json_text(dense)}});
  CHECK(inner.model_type == "qwen3_5_text");
  CHECK(inner.shape == config.shape);

  std::vector<Tensor> tensors = attention_layers();
  tensors.insert(tensors.end(), {{"model.layers.#.linear_attn.in_proj_qkv.weight", {96, 64}},
                                 {"model.layers.#.linear_attn.in_proj_z.weight", {64, 64}},
                                 {"model.layers.#.linear_attn.in_proj_b.weight", {4, 64}},
                                 {"model.layers.#.linear_attn.in_proj_a.weight", {4, 64}},
                                 {"model.layers.#.mlp.gate_proj.weight", {96, 64}},
                                 {"model.layers.#.mlp.up_proj.weight", {96, 64}},
                                 {"model.layers.#.mlp.down_proj.weight", {64, 96}}});
  const auto index = check_names<Qwen35>(config, tensors);
  CHECK(index.find("model.layers.0.linear_attn.in_proj_v.weight")->selection(0) == 32);
}
