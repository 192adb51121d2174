// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/gemma.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Gemma;
using families::Gemma2;
using families::Gemma3;

namespace {
std::vector<Tensor> sandwiched() {
  std::vector<Tensor> tensors = with_ends(llama_layers());
  tensors.insert(tensors.end(), {{"model.layers.#.pre_feedforward_layernorm.weight", {64}},
                                 {"model.layers.#.post_feedforward_layernorm.weight", {64}},
                                 {"model.layers.#.self_attn.q_norm.weight", {16}},
                                 {"model.layers.#.self_attn.k_norm.weight", {16}}});
  return tensors;
}
}  // namespace

TEST_CASE("Gemma: scaled embeddings, activations by their names") {
  const Members base = small_config("gemma", {{"head_dim", "16"}});
  const Config config = read_family<Gemma>(base);
  CHECK(config.embedding_scale == 8);
  CHECK(config.activation == Activation::gelu_tanh);
  CHECK(config.tied);
  CHECK(config.attention_scale == 0);
  CHECK(read_family<Gemma>(base, {{"hidden_act", "\"gelu\""}, {"hidden_activation", "\"gelu_pytorch_tanh\""}}).activation ==
        Activation::gelu);
  CHECK(read_family<Gemma>(base, {{"hidden_size", "3072"}}).embedding_scale == std::sqrt(3072.0f));
  CHECK(read_family<Gemma>(base, {{"head_dim", ""}}).shape.head_dim == 256);
  refuse_as_unsupported<Gemma>(base, {{"use_bidirectional_attention", "true"}});
  const auto index = check_names<Gemma>(config, with_ends(llama_layers()));
  CHECK(index.find("model.norm.weight")->plus_one);
  CHECK(index.find("model.layers.1.post_attention_layernorm.weight")->plus_one);
  CHECK_FALSE(index.find("model.layers.1.mlp.up_proj.weight")->plus_one);
}

TEST_CASE("Gemma 2: caps, windows, the scale of products, norms around both halves") {
  const Members base = small_config("gemma2", {{"head_dim", "16"}, {"num_hidden_layers", "3"}});
  const Config silent = read_family<Gemma2>(base);
  CHECK(silent.attention_cap == 50);
  CHECK(silent.logit_cap == 30);
  CHECK(silent.attention_scale == 1 / 16.0f);
  CHECK(by_layer(silent, &Layer::window) == Ints{4096, 0, 4096});
  const Config config = read_family<Gemma2>(base, {{"attn_logit_softcapping", "null"},
                                                   {"final_logit_softcapping", "5.0"},
                                                   {"query_pre_attn_scalar", "24"},
                                                   {"sliding_window", "16"},
                                                   {"layer_types", R"(["full_attention","full_attention","sliding_attention"])"}});
  CHECK(config.attention_cap == 0);
  CHECK(config.logit_cap == 5);
  CHECK(config.attention_scale == doctest::Approx(1 / std::sqrt(24.0)));
  CHECK(by_layer(config, &Layer::window) == Ints{0, 0, 16});
  refuse<Gemma2>(base, "query_pre_attn_scalar", {"0", "-1"});
  refuse<Gemma2>(base, "attn_logit_softcapping", {"0", "-5", "1e60"});
  const auto index = check_names<Gemma2>(read_family<Gemma2>(base, {{"num_hidden_layers", "2"}}), sandwiched());
  CHECK(index.find("model.layers.0.post_attention_layernorm.weight")->plus_one);
  CHECK(index.find("model.layers.0.post_mlp_layernorm.weight")->plus_one);
}

TEST_CASE("Gemma 3: two ropes, in both dialects") {
  const Members base = small_config("gemma3_text", {{"head_dim", "16"}, {"num_hidden_layers", "7"}, {"sliding_window", "16"}});
  const Config silent = read_family<Gemma3>(base);
  CHECK(by_layer(silent, &Layer::window) == Ints{16, 16, 16, 16, 16, 0, 16});
  CHECK(by_layer(silent, &Layer::rope) == Ints{1, 1, 1, 1, 1, 0, 1});
  CHECK(silent.ropes[0].theta == 1e6);
  CHECK(silent.ropes[1].theta == 1e4);
  CHECK(silent.attention_cap == 0);
  CHECK(silent.logit_cap == 0);
  const Config four = read_family<Gemma3>(base, {{"rope_theta", "500000"},
                                                 {"rope_local_base_freq", "20000"},
                                                 {"rope_scaling", R"({"rope_type":"linear","factor":8.0})"},
                                                 {"sliding_window_pattern", "2"},
                                                 {"attn_logit_softcapping", "7.0"}});
  CHECK(four.ropes[0].theta == 500000);
  CHECK(four.ropes[0].factor == 8);
  CHECK(four.ropes[1].theta == 20000);
  CHECK(four.ropes[1].scaling == RopeScaling::none);
  CHECK(by_layer(four, &Layer::rope) == Ints{1, 0, 1, 0, 1, 0, 1});
  CHECK(four.attention_cap == 0);  // not read by the reference
  const Config five =
      read_family<Gemma3>(base, {{"rope_parameters", R"({"full_attention":{"rope_type":"linear","factor":4,"rope_theta":700000},
                                     "sliding_attention":{"rope_type":"default","rope_theta":9000}})"}});
  CHECK(five.ropes[0].theta == 700000);
  CHECK(five.ropes[0].scaling == RopeScaling::linear);
  CHECK(five.ropes[1].theta == 9000);
  refuse<Gemma3>(base, "sliding_window_pattern", {"0", "-1"});
  refuse<Gemma3>(base, "rope_local_base_freq", {"0", "\"x\""});
  check_names<Gemma3>(read_family<Gemma3>(base, {{"num_hidden_layers", "2"}}), sandwiched());

  const Members outer{{"model_type", "\"gemma3\""},
                      {"text_config", R"({"model_type":"gemma3_text","hidden_size":2560,"num_hidden_layers":34})"}};
  const Config inner = read_family<Gemma3>(outer);
  CHECK(inner.shape == Shape{2560, 34, 8, 4, 256, 9216, 262208});
  CHECK(inner.tied);
}
