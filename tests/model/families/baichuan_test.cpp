// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/baichuan.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Baichuan;

TEST_CASE("7B rotates, 13B has slopes; the second generation has a head of unit rows") {
  const Members base = small_config("baichuan", {{"num_key_value_heads", ""}, {"model_max_length", "4096"}});
  const Config small = read_family<Baichuan>(base);
  CHECK_FALSE(small.alibi);
  CHECK_FALSE(small.unit_head);
  CHECK(by_layer(small, &Layer::rope) == Ints{0, 0});
  const Config large = read_family<Baichuan>(base, {{"max_position_embeddings", ""}});
  CHECK(large.alibi);
  CHECK(large.max_positions == 4096);
  CHECK(by_layer(large, &Layer::rope) == Ints{-1, -1});
  CHECK(read_family<Baichuan>(base, {{"z_loss_weight", "0"}}).unit_head);
  const Config second = read_family<Baichuan>(base, {{"vocab_size", "125696"}});
  CHECK(second.unit_head);

  std::vector<Tensor> tensors = with_ends({{"model.layers.#.input_layernorm.weight", {64}},
                                           {"model.layers.#.post_attention_layernorm.weight", {64}},
                                           {"model.layers.#.self_attn.W_pack.weight", {192, 64}},
                                           {"model.layers.#.self_attn.o_proj.weight", {64, 64}},
                                           {"model.layers.#.mlp.gate_proj.weight", {96, 64}},
                                           {"model.layers.#.mlp.up_proj.weight", {96, 64}},
                                           {"model.layers.#.mlp.down_proj.weight", {64, 96}}});
  const auto index = check_names<Baichuan>(small, tensors);
  CHECK_FALSE(index.find("lm_head.weight")->unit_rows);
  CHECK(index.find("model.layers.1.self_attn.v_proj.weight")->selection(0) == 128);
  Config unit = small;
  unit.unit_head = true;
  CHECK(check_names<Baichuan>(unit, tensors).find("lm_head.weight")->unit_rows);
  refuse<Baichuan>(base, "max_position_embeddings", {"0", "-1"});
}
