// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/lfm2.hpp>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Lfm2;

TEST_CASE("LFM2: layers by type or number, and the width that follows from another") {
  const Members base = small_config("lfm2", {{"num_hidden_layers", "3"}, {"block_auto_adjust_ff_dim", "false"}});
  const Config config = read_family<Lfm2>(base, {{"layer_types", R"(["conv","full_attention","conv"])"}, {"norm_eps", "1e-3"}});
  CHECK(by_layer(config, &Layer::mixer) == Ints{2, 0, 2});
  CHECK(config.shape.taps == 3);
  CHECK(config.norm_eps == 1e-3f);
  CHECK(config.tied);
  CHECK(config.ropes[0].theta == 1000000);
  CHECK(by_layer(read_family<Lfm2>(base, {{"full_attn_idxs", "[0,2]"}}), &Layer::mixer) == Ints{0, 2, 0});
  CHECK(by_layer(read_family<Lfm2>(base), &Layer::mixer) == Ints{0, 0, 0});
  CHECK_FALSE(read_family<Lfm2>(base, {{"tie_embedding", "false"}}).tied);
  CHECK(read_family<Lfm2>(base, {{"block_ff_dim", "72"}}).shape.intermediate == 72);
  const Members adjusted{{"block_auto_adjust_ff_dim", ""}, {"intermediate_size", "1000"}, {"block_ffn_dim_multiplier", "1.5"}};
  CHECK(read_family<Lfm2>(base, adjusted).shape.intermediate == 1024);  // 666 * 1.5 = 999, in steps of 256
  CHECK(read_family<Lfm2>(base, {{"block_auto_adjust_ff_dim", "true"}, {"block_ffn_dim_multiplier", "null"}}).shape.intermediate == 64);
  refuse<Lfm2>(base, "conv_L_cache", {"0", "65", "-3"});
  refuse_as_unsupported<Lfm2>(base, {{"layer_types", R"(["conv","sliding_attention","conv"])"}});
  const Members adjusts = small_config("lfm2");
  refuse<Lfm2>(adjusts, "block_multiple_of", {"0"});
  refuse<Lfm2>(adjusts, "block_ffn_dim_multiplier", {"0", "1e30", "-1"});
  refuse<Lfm2>(adjusts, "intermediate_size", {"1"});

  check_names<Lfm2>(read_family<Lfm2>(base, {{"num_hidden_layers", "2"}, {"layer_types", R"(["conv","full_attention"])"}}),
                    {{"model.embed_tokens.weight", {131, 64}},
                     {"model.embedding_norm.weight", {64}},
                     {"model.layers.#.operator_norm.weight", {64}},
                     {"model.layers.#.ffn_norm.weight", {64}},
                     {"model.layers.0.conv.in_proj.weight", {192, 64}},
                     {"model.layers.0.conv.out_proj.weight", {64, 64}},
                     {"model.layers.0.conv.conv.weight", {64, 1, 3}},
                     {"model.layers.0.conv.conv.bias", {64}},
                     {"model.layers.1.self_attn.q_proj.weight", {64, 64}},
                     {"model.layers.1.self_attn.k_proj.weight", {32, 64}},
                     {"model.layers.1.self_attn.v_proj.weight", {32, 64}},
                     {"model.layers.1.self_attn.out_proj.weight", {64, 64}},
                     {"model.layers.1.self_attn.q_layernorm.weight", {16}},
                     {"model.layers.1.self_attn.k_layernorm.weight", {16}},
                     {"model.layers.#.feed_forward.w1.weight", {96, 64}},
                     {"model.layers.#.feed_forward.w3.weight", {96, 64}},
                     {"model.layers.#.feed_forward.w2.weight", {64, 96}}},
                    {{"model.layers.0.conv.conv.bias", {64}}});
}
