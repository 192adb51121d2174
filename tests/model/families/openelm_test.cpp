// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/openelm.hpp>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Openelm;

TEST_CASE("OpenELM's layers differ in heads and widths") {
  const Members base{{"model_type", "\"openelm\""},   {"model_dim", "64"},
                     {"num_transformer_layers", "3"}, {"head_dim", "16"},
                     {"vocab_size", "131"},           {"num_query_heads", "[2,4,6]"},
                     {"num_kv_heads", "[1,2,2]"},     {"ffn_multipliers", "[0.5,1.3,2.0]"},
                     {"ffn_dim_divisor", "32"},       {"rope_freq_constant", "20000"},
                     {"max_context_length", "2048"}};
  const Config config = read_family<Openelm>(base);
  REQUIRE(config.extents.size() == 3);
  CHECK(config.extents[0] == Shape{64, 3, 2, 1, 16, 32, 131});
  CHECK(config.extents[1] == Shape{64, 3, 4, 2, 16, 96, 131});  // 83.2: 64 would be more than a tenth down
  CHECK(config.extents[2] == Shape{64, 3, 6, 2, 16, 128, 131});
  CHECK(config.shape == Shape{64, 3, 6, 2, 16, 128, 131});
  CHECK(config.ropes[0].theta == 20000);
  CHECK(config.tied);
  CHECK(config.qk_norm);
  CHECK(config.norm_eps == 1e-6f);
  CHECK_FALSE(read_family<Openelm>(base, {{"normalize_qk_projections", "false"}}).qk_norm);
  CHECK_FALSE(read_family<Openelm>(base, {{"share_input_output_layers", "false"}}).tied);
  refuse<Openelm>(base, "num_query_heads", {"[2,4]", "4", "[]", "[2,4,\"6\"]", "[2,4,5000]"});
  refuse<Openelm>(base, "num_kv_heads", {"[0,2,2]", "[1,3,2]", ""});
  refuse<Openelm>(base, "ffn_multipliers", {"", "[0.5,1.3]", "[0,1,1]", "[-1,1,1]", "[1e30,1,1]", "2.0", "[1,2,\"x\"]"});
  refuse<Openelm>(base, "ffn_dim_divisor", {"0"});
  refuse<Openelm>(base, "num_transformer_layers", {"0", "4097", ""});
  refuse_as_unsupported<Openelm>(base, {{"ffn_with_glu", "false"}});
  refuse_as_unsupported<Openelm>(base, {{"normalization_layer_name", "\"layer_norm\""}});

  std::vector<Tensor> tensors{{"transformer.token_embeddings.weight", {131, 64}}, {"transformer.norm.weight", {64}},
                              {"transformer.layers.#.attn_norm.weight", {64}},    {"transformer.layers.#.ffn_norm.weight", {64}},
                              {"transformer.layers.#.attn.q_norm.weight", {16}},  {"transformer.layers.#.attn.k_norm.weight", {16}}};
  for (std::size_t i = 0; i < 3; ++i) {
    const Shape& s = config.extents[i];
    const std::string p = "transformer.layers." + std::to_string(i) + ".";
    tensors.insert(tensors.end(), {{p + "attn.qkv_proj.weight", {s.q_width() + 2 * s.k_width(), 64}},
                                   {p + "attn.out_proj.weight", {64, s.q_width()}},
                                   {p + "ffn.proj_1.weight", {2 * s.intermediate, 64}},
                                   {p + "ffn.proj_2.weight", {64, s.intermediate}}});
  }
  check_names<Openelm>(config, tensors);
  tensors.push_back({"transformer.layers.7.attn.qkv_proj.weight", {64, 64}});  // a layer that the config does not know
  CHECK_FALSE(arranged<Openelm>(config, tensors));
}
