// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/mistral.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Mistral;
using families::Mixtral;

TEST_CASE("Mistral's window: given, null, absent") {
  const Members base = small_config("mistral");
  CHECK(by_layer(read_family<Mistral>(base, {{"sliding_window", "16"}}), &Layer::window) == Ints{16, 16});
  CHECK(by_layer(read_family<Mistral>(base, {{"sliding_window", "null"}}), &Layer::window) == Ints{0, 0});
  CHECK(by_layer(read_family<Mistral>(base), &Layer::window) == Ints{4096, 4096});
  CHECK(read_family<Mistral>(base, {{"hidden_size", "80"}, {"head_dim", "16"}}).shape.q_width() == 64);
  const Members wide{{"num_attention_heads", "16"}, {"num_key_value_heads", ""}};
  CHECK(read_family<Mistral>(base, wide).shape.kv_heads == 8);
  refuse<Mistral>(base, "sliding_window", {"-1", "\"all\"", "4294967296"});
}

TEST_CASE("Mixtral: experts in all layers, none of them wider than the config says") {
  const Members base = small_config("mixtral", {{"num_local_experts", "4"}, {"num_experts_per_tok", "2"}});
  const Config config = read_family<Mixtral>(base);
  CHECK(config.shape.experts == 4);
  CHECK(config.shape.expert_width == 96);
  CHECK(config.routing.normalize);
  CHECK(by_layer(config, &Layer::sparse) == Ints{1, 1});
  CHECK(by_layer(config, &Layer::window) == Ints{0, 0});
  CHECK(config.ropes[0].theta == 1000000);
  CHECK(config.norm_eps == 1e-5f);
  CHECK(read_family<Mixtral>(base, {{"num_local_experts", ""}}).shape.experts == 8);
  refuse<Mixtral>(base, "num_experts_per_tok", {"5", "0"});

  std::vector<Tensor> tensors = with_ends(llama_layers());
  tensors.insert(tensors.end(), {{"model.layers.#.block_sparse_moe.gate.weight", {4, 64}},
                                 {"model.layers.#.block_sparse_moe.experts.*.w1.weight", {96, 64}},
                                 {"model.layers.#.block_sparse_moe.experts.*.w3.weight", {96, 64}},
                                 {"model.layers.#.block_sparse_moe.experts.*.w2.weight", {64, 96}}});
  check_names<Mixtral>(config, tensors);
}
