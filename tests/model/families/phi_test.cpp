// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/phi.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Phi;
using families::PhiMsft;

TEST_CASE("Phi in transformers' form") {
  const Members base = small_config("phi", {{"num_key_value_heads", ""}, {"layer_norm_eps", "1e-2"}});
  const Config config = read_family<Phi>(base);
  CHECK(config.shape.kv_heads == 4);
  CHECK(config.ropes[0].rotary == 8);
  CHECK(config.norm_eps == 1e-2f);
  CHECK(config.activation == Activation::gelu_tanh);
  CHECK(read_family<Phi>(base, {{"partial_rotary_factor", "0.25"}}).ropes[0].rotary == 4);
  CHECK(read_family<Phi>(base, {{"hidden_act", "\"gelu\""}}).activation == Activation::gelu);
  refuse_as_unsupported<Phi>(base, {{"qk_layernorm", "true"}});
  refuse_as_unsupported<Phi>(base, {{"hidden_act", "\"gelu_10\""}});
  check_names<Phi>(config,
                   {{"model.embed_tokens.weight", {131, 64}},
                    {"lm_head.weight", {131, 64}},
                    {"lm_head.bias", {131}},
                    {"model.final_layernorm.weight", {64}},
                    {"model.final_layernorm.bias", {64}},
                    {"model.layers.#.input_layernorm.weight", {64}},
                    {"model.layers.#.input_layernorm.bias", {64}},
                    {"model.layers.#.self_attn.q_proj.weight", {64, 64}},
                    {"model.layers.#.self_attn.k_proj.weight", {64, 64}},
                    {"model.layers.#.self_attn.v_proj.weight", {64, 64}},
                    {"model.layers.#.self_attn.dense.weight", {64, 64}},
                    {"model.layers.#.self_attn.dense.bias", {64}},
                    {"model.layers.#.mlp.fc1.weight", {96, 64}},
                    {"model.layers.#.mlp.fc2.weight", {64, 96}}},
                   {{"lm_head.bias", {131}}, {"model.layers.0.self_attn.o_proj.bias", {64}}});
}

TEST_CASE("Phi in the form it was published in") {
  const Members base{{"model_type", "\"phi-msft\""},
                     {"n_embd", "64"},
                     {"n_layer", "2"},
                     {"n_head", "4"},
                     {"n_head_kv", "null"},
                     {"n_inner", "null"},
                     {"n_positions", "2048"},
                     {"rotary_dim", "8"},
                     {"vocab_size", "131"},
                     {"layer_norm_epsilon", "1e-5"}};
  const Config config = read_family<PhiMsft>(base);
  CHECK(config.shape == Shape{64, 2, 4, 4, 16, 256, 131});
  CHECK(config.ropes[0].rotary == 8);
  CHECK(config.max_positions == 2048);
  CHECK(read_family<PhiMsft>(base, {{"n_inner", "100"}}).shape.intermediate == 100);
  refuse<PhiMsft>(base, "rotary_dim", {"0", "17", "7", "-2"});
  refuse<PhiMsft>(base, "n_embd", {"", "0", "1048576"});
  refuse<PhiMsft>(base, "n_head_kv", {"3", "0"});
  check_names<PhiMsft>(config,
                       {{"transformer.embd.wte.weight", {131, 64}},
                        {"lm_head.ln.weight", {64}},
                        {"lm_head.ln.bias", {64}},
                        {"lm_head.linear.weight", {131, 64}},
                        {"lm_head.linear.bias", {131}},
                        {"transformer.h.#.ln.weight", {64}},
                        {"transformer.h.#.ln.bias", {64}},
                        {"transformer.h.#.mixer.Wqkv.weight", {192, 64}},
                        {"transformer.h.#.mixer.Wqkv.bias", {192}},
                        {"transformer.h.#.mixer.out_proj.weight", {64, 64}},
                        {"transformer.h.#.mlp.fc1.weight", {256, 64}},
                        {"transformer.h.#.mlp.fc2.weight", {64, 256}}},
                       {{"lm_head.bias", {131}}, {"model.layers.1.self_attn.k_proj.bias", {64}}});
}
