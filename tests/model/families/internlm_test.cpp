// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/internlm.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Internlm;
using families::Internlm2;

TEST_CASE("InternLM's own key for rope") {
  const Members base = small_config("internlm", {{"num_key_value_heads", ""}, {"bias", "true"}});
  CHECK(read_family<Internlm>(base).shape.kv_heads == 4);
  const RopeConfig grown = read_family<Internlm>(base, {{"rotary", R"({"base":5000,"type":"dynamic"})"}}).ropes[0];
  CHECK(grown.theta == 5000);
  CHECK(grown.scaling == RopeScaling::dynamic);
  CHECK(grown.factor == 1);
  CHECK(grown.original_positions == 512);
  CHECK(read_family<Internlm>(base, {{"rotary", R"({"type":"origin"})"}}).ropes[0].scaling == RopeScaling::none);
  refuse_as_unsupported<Internlm>(base, {{"rotary", R"({"type":"other"})"}});
  refuse<Internlm>(base, "base", {});
  CHECK_FALSE(try_family<Internlm>(base, {{"rotary", R"({"base":0})"}}));
}

TEST_CASE("InternLM2's groups of queries with their key and value") {
  const Config config = read_family<Internlm2>(small_config("internlm2", {{"rope_scaling", R"({"type":"dynamic","factor":2.0})"}}));
  CHECK(config.ropes[0].scaling == RopeScaling::dynamic);
  const std::vector<Tensor> tensors{{"model.tok_embeddings.weight", {131, 64}},
                                    {"model.norm.weight", {64}},
                                    {"output.weight", {131, 64}},
                                    {"model.layers.#.attention_norm.weight", {64}},
                                    {"model.layers.#.ffn_norm.weight", {64}},
                                    {"model.layers.#.attention.wqkv.weight", {128, 64}},
                                    {"model.layers.#.attention.wqkv.bias", {128}},
                                    {"model.layers.#.attention.wo.weight", {64, 64}},
                                    {"model.layers.#.feed_forward.w1.weight", {96, 64}},
                                    {"model.layers.#.feed_forward.w3.weight", {96, 64}},
                                    {"model.layers.#.feed_forward.w2.weight", {64, 96}}};
  const auto index = check_names<Internlm2>(
      config, tensors, {{"model.layers.1.self_attn.q_proj.bias", {64}}, {"model.layers.1.self_attn.v_proj.bias", {32}}});
  const auto& selection = index.find("model.layers.0.self_attn.k_proj.weight")->selection;
  CHECK(selection(0) == 32);        // after the two queries of its group
  CHECK(selection(16) == 64 + 32);  // the second group's
  std::vector<Tensor> wrong = tensors;
  wrong[5].shape = {96, 64};
  CHECK_FALSE(arranged<Internlm2>(config, wrong));
}
