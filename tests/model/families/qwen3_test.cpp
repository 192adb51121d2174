// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/qwen3.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Qwen3;
using families::Qwen3Moe;

static_assert(Qwen3::traits == Family{.qk_norm = QkNorm::before_rope});

TEST_CASE("Qwen 3's configuration, windows by layer type") {
  const Members base = small_config(
      "qwen3", {{"use_sliding_window", "true"}, {"sliding_window", "16"}, {"layer_types", R"(["full_attention","sliding_attention"])"}});
  const Config config = read_family<Qwen3>(base);
  CHECK(config.shape.head_dim == 128);
  CHECK(config.shape.q_width() == 512);
  CHECK(by_layer(config, &Layer::window) == Ints{0, 16});
  CHECK(read_family<Qwen3>(base, {{"head_dim", "16"}}).shape.q_width() == 64);
  refuse_as_unsupported<Qwen3>(base, {{"layer_types", R"(["full_attention","linear_attention"])"}});
}

TEST_CASE("FunAudioChat's language model") {
  const Members audio{{"model_type", "\"funaudiochat\""}, {"text_config", json_text(small_config("qwen3"))}, {"audio_config", "{}"}};
  CHECK(read_family<Qwen3>(audio).model_type == "qwen3");
}

TEST_CASE("Qwen3-MoE: which layers have experts") {
  const Members base = small_config("qwen3_moe", {{"num_experts", "6"}, {"num_experts_per_tok", "2"}, {"moe_intermediate_size", "32"}});
  const Config config = read_family<Qwen3Moe>(base, {{"mlp_only_layers", "[1]"}, {"norm_topk_prob", "true"}});
  CHECK(config.shape.experts == 6);
  CHECK(config.shape.experts_used == 2);
  CHECK(config.shape.expert_width == 32);
  CHECK(config.shape.shared_width == 0);
  CHECK(config.routing.normalize);
  CHECK(by_layer(config, &Layer::sparse) == Ints{1, 0});
  CHECK(config.shape.head_dim == 16);
  CHECK_FALSE(read_family<Qwen3Moe>(base).routing.normalize);
  CHECK(by_layer(read_family<Qwen3Moe>(base, {{"decoder_sparse_step", "2"}}), &Layer::sparse) == Ints{0, 1});
  CHECK(by_layer(read_family<Qwen3Moe>(base, {{"use_sliding_window", "true"}, {"sliding_window", "4"}}), &Layer::window) == Ints{4, 4});
  refuse<Qwen3Moe>(base, "decoder_sparse_step", {"0", "-1"});
  refuse<Qwen3Moe>(base, "num_experts", {"0", "16385", "1"});
  refuse<Qwen3Moe>(base, "num_experts_per_tok", {"0", "7"});
  refuse<Qwen3Moe>(base, "mlp_only_layers", {"5", "[-1]", "[\"a\"]"});
}

TEST_CASE("Qwen3-MoE's names, with experts apart and as transformers 5 keeps them") {
  const Config config = read_family<Qwen3Moe>(
      small_config("qwen3_moe", {{"num_experts", "4"}, {"num_experts_per_tok", "2"}, {"moe_intermediate_size", "32"}}));
  std::vector<Tensor> tensors = with_ends(llama_layers());
  tensors.insert(tensors.end(), {{"model.layers.#.self_attn.q_norm.weight", {16}},
                                 {"model.layers.#.self_attn.k_norm.weight", {16}},
                                 {"model.layers.#.mlp.gate.weight", {4, 64}}});
  std::vector<Tensor> fused = tensors;
  tensors.insert(tensors.end(), {{"model.layers.#.mlp.experts.*.gate_proj.weight", {32, 64}},
                                 {"model.layers.#.mlp.experts.*.up_proj.weight", {32, 64}},
                                 {"model.layers.#.mlp.experts.*.down_proj.weight", {64, 32}}});
  check_names<Qwen3Moe>(config, tensors);
  fused.insert(fused.end(),
               {{"model.layers.#.mlp.experts.gate_up_proj", {4, 64, 64}}, {"model.layers.#.mlp.experts.down_proj", {4, 64, 32}}});
  check_names<Qwen3Moe>(config, fused);
}
