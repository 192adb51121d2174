// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/qwen.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Qwen;

TEST_CASE("the first Qwen's rope and logarithm") {
  const Members base = small_config("qwen", {{"num_key_value_heads", ""},
                                             {"intermediate_size", "192"},
                                             {"seq_length", "16"},
                                             {"kv_channels", "16"},
                                             {"rotary_emb_base", "20000"},
                                             {"layer_norm_epsilon", "1e-5"}});
  const Config config = read_family<Qwen>(base);
  CHECK(config.shape == Shape{64, 2, 4, 4, 16, 96, 131});
  CHECK(config.norm_eps == 1e-5f);
  CHECK(config.ropes[0].theta == 20000);
  CHECK(config.ropes[0].rotary == 16);
  CHECK(config.ropes[0].scaling == RopeScaling::qwen);
  CHECK(config.ropes[0].original_positions == 16);
  CHECK(config.query_scaling == QueryScaling::logarithm);
  CHECK(config.query_floor == 16);
  const Config plain = read_family<Qwen>(base, {{"use_dynamic_ntk", "false"}, {"use_logn_attn", "false"}, {"rotary_pct", "0.5"}});
  CHECK(plain.ropes[0].scaling == RopeScaling::none);
  CHECK(plain.ropes[0].rotary == 8);
  CHECK(plain.query_scaling == QueryScaling::none);
  refuse<Qwen>(base, "intermediate_size", {"191", "0"});
  refuse<Qwen>(base, "seq_length", {"0", "1", "-1"});
  refuse<Qwen>(base, "rotary_pct", {"0", "-1", "\"1\""});
  CHECK_FALSE(try_family<Qwen>(base, {{"rotary_pct", "1.5"}}));

  const std::vector<Tensor> tensors{{"transformer.wte.weight", {131, 64}},
                                    {"transformer.ln_f.weight", {64}},
                                    {"lm_head.weight", {131, 64}},
                                    {"transformer.h.#.ln_1.weight", {64}},
                                    {"transformer.h.#.ln_2.weight", {64}},
                                    {"transformer.h.#.attn.c_attn.weight", {192, 64}},
                                    {"transformer.h.#.attn.c_attn.bias", {192}},
                                    {"transformer.h.#.attn.c_proj.weight", {64, 64}},
                                    {"transformer.h.#.mlp.w1.weight", {96, 64}},
                                    {"transformer.h.#.mlp.w2.weight", {96, 64}},
                                    {"transformer.h.#.mlp.c_proj.weight", {64, 96}}};
  check_names<Qwen>(config, tensors, {{"model.layers.0.self_attn.k_proj.bias", {64}}});
}
