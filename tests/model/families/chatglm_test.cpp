// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/chatglm.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Chatglm;
using families::Chatglm6b;

namespace {
const Members first{{"model_type", "\"chatglm\""},  {"hidden_size", "64"},         {"num_layers", "2"},
                    {"num_attention_heads", "4"},   {"inner_hidden_size", "96"},   {"vocab_size", "140"},
                    {"max_sequence_length", "128"}, {"layernorm_epsilon", "1e-5"}, {"bos_token_id", "136"},
                    {"eos_token_id", "137"},        {"mask_token_id", "132"},      {"gmask_token_id", "133"}};
const Members second{{"model_type", "\"chatglm\""},
                     {"hidden_size", "64"},
                     {"num_layers", "2"},
                     {"num_attention_heads", "4"},
                     {"ffn_hidden_size", "96"},
                     {"padded_vocab_size", "131"},
                     {"multi_query_attention", "true"},
                     {"multi_query_group_num", "2"},
                     {"kv_channels", "16"},
                     {"seq_length", "8192"},
                     {"layernorm_epsilon", "1e-5"}};
}  // namespace

TEST_CASE("ChatGLM-6B: DeepNorm, two positions, a context that ends") {
  const Config config = read_family<Chatglm6b>(first);
  CHECK(config.model_type == "chatglm-6b");
  CHECK(config.shape == Shape{64, 2, 4, 4, 16, 96, 140});
  CHECK(config.stream_scale == 2);  // sqrt(2 * layers)
  CHECK(config.ropes[0].rotary == 8);
  CHECK(config.ropes[0].half_precision);
  CHECK(config.activation == Activation::gelu_tanh);
  CHECK(config.context_end == 136);
  CHECK(config.mask_tokens[0] == 133);
  CHECK(config.mask_tokens[1] == 132);
  CHECK(config.max_positions == 128);
  refuse<Chatglm6b>(first, "bos_token_id", {"", "-1"});
  refuse<Chatglm6b>(first, "layernorm_epsilon", {"-1", "1"});
  refuse_as_unsupported<Chatglm6b>(first, {{"vocab_size", "150528"}});
  refuse_as_unsupported<Chatglm6b>(first, {{"position_encoding_2d", "false"}});

  const std::vector<Tensor> tensors{{"transformer.word_embeddings.weight", {140, 64}},
                                    {"lm_head.weight", {140, 64}},
                                    {"transformer.final_layernorm.weight", {64}},
                                    {"transformer.final_layernorm.bias", {64}},
                                    {"transformer.layers.#.input_layernorm.weight", {64}},
                                    {"transformer.layers.#.input_layernorm.bias", {64}},
                                    {"transformer.layers.#.post_attention_layernorm.weight", {64}},
                                    {"transformer.layers.#.post_attention_layernorm.bias", {64}},
                                    {"transformer.layers.#.attention.query_key_value.weight", {192, 64}},
                                    {"transformer.layers.#.attention.query_key_value.bias", {192}},
                                    {"transformer.layers.#.attention.dense.weight", {64, 64}},
                                    {"transformer.layers.#.mlp.dense_h_to_4h.weight", {96, 64}},
                                    {"transformer.layers.#.mlp.dense_4h_to_h.weight", {64, 96}}};
  const auto index = check_names<Chatglm6b>(config, tensors, {{"model.layers.1.self_attn.v_proj.bias", {64}}});
  CHECK(index.find("model.layers.0.self_attn.k_proj.weight")->selection(16) == 64);  // the second head's, after its 16 queries
}

TEST_CASE("ChatGLM 2 and 3 and GLM-4-9B") {
  const Config config = read_family<Chatglm>(second);
  CHECK(config.model_type == "chatglm");
  CHECK(config.shape == Shape{64, 2, 4, 2, 16, 96, 131});
  CHECK(config.ropes[0].rotary == 8);
  CHECK(config.ropes[0].theta == 10000);
  CHECK(config.max_positions == 8192);
  CHECK(read_family<Chatglm>(second, {{"rope_ratio", "500"}}).ropes[0].theta == 5e6);
  CHECK(read_family<Chatglm>(second, {{"multi_query_attention", "false"}}).shape.kv_heads == 4);
  CHECK(read_family<Chatglm>(second, {{"padded_vocab_size", ""}, {"vocab_size", "99"}}).shape.vocabulary == 99);
  refuse<Chatglm>(second, "rope_ratio", {"0", "-1"});
  refuse<Chatglm>(second, "multi_query_group_num", {"0", "3"});
  refuse_as_unsupported<Chatglm>(second, {{"rmsnorm", "false"}});
  refuse_as_unsupported<Chatglm>(second, {{"apply_residual_connection_post_layernorm", "true"}});
  refuse_as_unsupported<Chatglm>(second, {{"post_layer_norm", "false"}});

  check_names<Chatglm>(config,
                       {{"transformer.embedding.word_embeddings.weight", {131, 64}},
                        {"transformer.output_layer.weight", {131, 64}},
                        {"transformer.encoder.final_layernorm.weight", {64}},
                        {"transformer.encoder.layers.#.input_layernorm.weight", {64}},
                        {"transformer.encoder.layers.#.post_attention_layernorm.weight", {64}},
                        {"transformer.encoder.layers.#.self_attention.query_key_value.weight", {128, 64}},
                        {"transformer.encoder.layers.#.self_attention.query_key_value.bias", {128}},
                        {"transformer.encoder.layers.#.self_attention.dense.weight", {64, 64}},
                        {"transformer.encoder.layers.#.mlp.dense_h_to_4h.weight", {192, 64}},
                        {"transformer.encoder.layers.#.mlp.dense_4h_to_h.weight", {64, 96}}},
                       {{"model.layers.1.self_attn.k_proj.bias", {32}}});
}
