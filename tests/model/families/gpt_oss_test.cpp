// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/gpt_oss.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::GptOss;

TEST_CASE("GPT-OSS: windows, YaRN, clamped experts") {
  const Members base = small_config("gpt_oss", {{"head_dim", "32"},
                                                {"num_local_experts", "4"},
                                                {"num_experts_per_tok", "2"},
                                                {"intermediate_size", "32"},
                                                {"num_hidden_layers", "3"}});
  const Config silent = read_family<GptOss>(base);
  CHECK(by_layer(silent, &Layer::window) == Ints{128, 0, 128});
  CHECK(silent.ropes[0].theta == 150000);
  CHECK(silent.ropes[0].scaling == RopeScaling::yarn);
  CHECK(silent.ropes[0].factor == 32);
  CHECK(silent.ropes[0].original_positions == 4096);
  CHECK_FALSE(silent.ropes[0].truncate);
  CHECK(silent.glu_limit == 7);
  CHECK(silent.glu_alpha == 1.702f);
  const Config config = read_family<GptOss>(
      base, {{"layer_types", R"(["full_attention","sliding_attention","full_attention"])"},
             {"sliding_window", "16"},
             {"swiglu_limit", "5"},
             {"rope_scaling", R"({"rope_type":"yarn","factor":8,"original_max_position_embeddings":32,"truncate":true})"}});
  CHECK(by_layer(config, &Layer::window) == Ints{0, 16, 0});
  CHECK(config.glu_limit == 5);
  CHECK(config.ropes[0].truncate);
  CHECK(config.ropes[0].original_positions == 32);
  CHECK(read_family<GptOss>(base, {{"rope_parameters", R"({"rope_type":"default"})"}}).ropes[0].scaling == RopeScaling::none);
  refuse<GptOss>(base, "swiglu_limit", {"0", "-7"});
  refuse<GptOss>(base, "num_local_experts", {"0", "99999"});
}

TEST_CASE("gate and up take turns in the columns of GPT-OSS's experts") {
  const Config config = read_family<GptOss>(
      small_config("gpt_oss", {{"head_dim", "16"}, {"num_local_experts", "4"}, {"num_experts_per_tok", "2"}, {"intermediate_size", "32"}}));
  std::vector<Tensor> tensors = with_ends(llama_layers());
  tensors.insert(tensors.end(), {{"model.layers.#.self_attn.sinks", {4}},
                                 {"model.layers.#.mlp.router.weight", {4, 64}},
                                 {"model.layers.#.mlp.router.bias", {4}},
                                 {"model.layers.#.mlp.experts.gate_up_proj", {4, 64, 64}},
                                 {"model.layers.#.mlp.experts.gate_up_proj_bias", {4, 64}},
                                 {"model.layers.#.mlp.experts.down_proj", {4, 32, 64}},
                                 {"model.layers.#.mlp.experts.down_proj_bias", {4, 64}}});
  const auto index = check_names<GptOss>(config, tensors,
                                         {{"model.layers.1.self_attn.sinks", {4}},
                                          {"model.layers.1.mlp.router.bias", {4}},
                                          {"model.layers.1.mlp.experts.3.gate_proj.bias", {32}},
                                          {"model.layers.1.mlp.experts.3.up_proj.bias", {32}},
                                          {"model.layers.1.mlp.experts.3.down_proj.bias", {64}}});
  const auto* up = index.find("model.layers.0.mlp.experts.1.up_proj.weight");
  CHECK(up->column_step == 64);
  CHECK(up->selection(1) == 64 * 64 + 3);
}
