// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/deepseek.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::DeepseekV2;
using families::DeepseekV3;
using families::DeepseekV3Halves;

namespace {

Members config_of(const std::string& model_type) {
  return small_config(model_type, {{"num_key_value_heads", "4"},
                                   {"q_lora_rank", "48"},
                                   {"kv_lora_rank", "32"},
                                   {"qk_nope_head_dim", "16"},
                                   {"qk_rope_head_dim", "8"},
                                   {"v_head_dim", "12"},
                                   {"first_k_dense_replace", "1"},
                                   {"moe_intermediate_size", "32"},
                                   {"n_routed_experts", "8"},
                                   {"n_shared_experts", "2"},
                                   {"num_experts_per_tok", "3"},
                                   {"n_group", "4"},
                                   {"topk_group", "2"}});
}

std::vector<Tensor> layers() {
  return with_ends({{"model.layers.#.input_layernorm.weight", {64}},
                    {"model.layers.#.post_attention_layernorm.weight", {64}},
                    {"model.layers.#.self_attn.q_a_proj.weight", {48, 64}},
                    {"model.layers.#.self_attn.q_a_layernorm.weight", {48}},
                    {"model.layers.#.self_attn.q_b_proj.weight", {96, 48}},
                    {"model.layers.#.self_attn.kv_a_proj_with_mqa.weight", {40, 64}},
                    {"model.layers.#.self_attn.kv_a_layernorm.weight", {32}},
                    {"model.layers.#.self_attn.kv_b_proj.weight", {112, 32}},
                    {"model.layers.#.self_attn.o_proj.weight", {64, 48}},
                    {"model.layers.0.mlp.gate_proj.weight", {96, 64}},
                    {"model.layers.0.mlp.up_proj.weight", {96, 64}},
                    {"model.layers.0.mlp.down_proj.weight", {64, 96}},
                    {"model.layers.1.mlp.gate.weight", {8, 64}},
                    {"model.layers.1.mlp.gate.e_score_correction_bias", {8}},
                    {"model.layers.1.mlp.experts.*.gate_proj.weight", {32, 64}},
                    {"model.layers.1.mlp.experts.*.up_proj.weight", {32, 64}},
                    {"model.layers.1.mlp.experts.*.down_proj.weight", {64, 32}},
                    {"model.layers.1.mlp.shared_experts.gate_proj.weight", {64, 64}},
                    {"model.layers.1.mlp.shared_experts.up_proj.weight", {64, 64}},
                    {"model.layers.1.mlp.shared_experts.down_proj.weight", {64, 64}}});
}

}  // namespace

TEST_CASE("DeepSeek V2: plain and grouped choice") {
  const Members base = config_of("deepseek_v2");
  const Config plain = read_family<DeepseekV2>(base, {{"norm_topk_prob", "true"}});
  CHECK(plain.routing.groups == 1);
  CHECK_FALSE(plain.routing.normalize);  // not a key of the reference
  CHECK(plain.shape.shared_width == 64);
  CHECK(by_layer(plain, &Layer::sparse) == Ints{0, 1});
  const Config grouped = read_family<DeepseekV2>(base, {{"topk_method", "\"group_limited_greedy\""}, {"routed_scaling_factor", "16.0"}});
  CHECK(grouped.routing.groups == 4);
  CHECK(grouped.routing.groups_used == 2);
  CHECK(grouped.routing.factor == 16);
  CHECK_FALSE(grouped.routing.group_by_two);
  CHECK(read_family<DeepseekV2>(base, {{"q_lora_rank", "null"}}).shape.query_rank == 0);
  CHECK(read_family<DeepseekV2>(base, {{"q_lora_rank", ""}}).shape.query_rank == 1536);
  refuse_as_unsupported<DeepseekV2>(base, {{"topk_method", "\"noaux_tc\""}});
  refuse<DeepseekV2>(base, "num_experts_per_tok", {"", "9"});
  refuse<DeepseekV2>(base, "n_shared_experts", {"4294967295", "-1"});
  check_names<DeepseekV2>(plain, layers());
}

TEST_CASE("DeepSeek V3: groups, the scale of its products with YaRN, both ways to turn") {
  const Members base = config_of("deepseek_v3");
  const Config config = read_family<DeepseekV3>(base);
  CHECK(config.shape == Shape{.hidden = 64,
                              .layers = 2,
                              .heads = 4,
                              .kv_heads = 4,
                              .head_dim = 24,
                              .intermediate = 96,
                              .vocabulary = 131,
                              .value_dim = 12,
                              .experts = 8,
                              .experts_used = 3,
                              .expert_width = 32,
                              .shared_width = 64,
                              .query_rank = 48,
                              .kv_rank = 32,
                              .rope_dim = 8});
  CHECK(config.routing.factor == 2.5f);
  CHECK(config.routing.normalize);
  CHECK(config.routing.group_by_two);
  CHECK(config.attention_scale == doctest::Approx(1 / std::sqrt(24.0)));
  const Config yarn = read_family<DeepseekV3>(
      base,
      {{"rope_scaling",
        R"({"type":"yarn","factor":40,"mscale":1.0,"mscale_all_dim":1.0,"original_max_position_embeddings":64,"beta_fast":32,"beta_slow":1})"}});
  const double mscale = 0.1 * std::log(40.0) + 1;
  CHECK(yarn.attention_scale == doctest::Approx(mscale * mscale / std::sqrt(24.0)));
  CHECK(read_family<DeepseekV3Halves>(base, {{"rope_interleave", "false"}}).shape == config.shape);
  refuse<DeepseekV3>(base, "n_group", {"3", "0", "16"});
  CHECK_FALSE(try_family<DeepseekV3>(base, {{"n_group", "8"}, {"topk_group", "8"}}));  // a group's score is of two experts
  refuse<DeepseekV3>(base, "topk_group", {"0", "5", "1"});
  refuse<DeepseekV3>(base, "qk_rope_head_dim", {"0", "4097"});
  refuse<DeepseekV3>(base, "kv_lora_rank", {"0", "1048577"});

  const auto index = check_names<DeepseekV3>(config, layers());
  const auto* key = index.find("model.layers.1.self_attn.key_up_proj.weight");
  CHECK(key->column_step == 32);  // the transpose of each head's rows
  std::vector<Tensor> wrong = layers();
  wrong[7].shape = {96, 32};
  CHECK_FALSE(arranged<DeepseekV3>(config, wrong));
}
