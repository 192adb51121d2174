// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/bert.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Bert;

TEST_CASE("BERT: an encoder whose norms follow the sums") {
  const Members base = small_config("bert", {{"num_key_value_heads", ""}, {"max_position_embeddings", "128"}});
  const Config config = read_family<Bert>(base);
  CHECK_FALSE(config.causal);
  CHECK(config.learned_positions);
  CHECK(config.token_types == 2);
  CHECK(config.norm_eps == 1e-12f);
  CHECK(config.activation == Activation::gelu);
  CHECK(config.stream_scale == 1);
  CHECK(by_layer(config, &Layer::rope) == Ints{-1, -1});
  CHECK(read_family<Bert>(base, {{"hidden_act", "\"relu\""}}).activation == Activation::relu);
  refuse_as_unsupported<Bert>(base, {{"position_embedding_type", "\"relative_key\""}});
  refuse_as_unsupported<Bert>(base, {{"is_decoder", "true"}});
  refuse<Bert>(base, "type_vocab_size", {"0", "-1", "65537"});

  for (const std::string prefix : {"", "bert."}) {
    std::vector<Tensor> tensors;
    const auto add = [&](const std::string& name, const Extents& shape) {
      tensors.push_back({prefix + name + ".weight", shape});
      if (shape.size() == 1 || name.find("dense") != std::string::npos) tensors.push_back({prefix + name + ".bias", {shape[0]}});
    };
    add("embeddings.LayerNorm", {64});
    add("embeddings.word_embeddings", {131, 64});
    add("embeddings.position_embeddings", {128, 64});
    add("embeddings.token_type_embeddings", {2, 64});
    for (const char* name : {"query", "key", "value"}) add("encoder.layer.#.attention.self." + std::string{name}, {64, 64});
    add("encoder.layer.#.attention.output.dense", {64, 64});
    add("encoder.layer.#.attention.output.LayerNorm", {64});
    add("encoder.layer.#.intermediate.dense", {96, 64});
    add("encoder.layer.#.output.dense", {64, 96});
    add("encoder.layer.#.output.LayerNorm", {64});
    check_names<Bert>(config, tensors, {{"model.layers.1.self_attn.o_proj.bias", {64}}, {"model.layers.1.mlp.up_proj.bias", {96}}});
  }
}
