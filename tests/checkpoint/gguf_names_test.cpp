// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/gguf_names.hpp>

#include <doctest/doctest.h>

using namespace ingot::checkpoint;

TEST_CASE("names of the model and of its layers") {
  CHECK(hugging_face_name("token_embd.weight") == "model.embed_tokens.weight");
  CHECK(hugging_face_name("output_norm.weight") == "model.norm.weight");
  CHECK(hugging_face_name("output.weight") == "lm_head.weight");
  CHECK(hugging_face_name("blk.0.attn_norm.weight") == "model.layers.0.input_layernorm.weight");
  CHECK(hugging_face_name("blk.10.attn_q.bias") == "model.layers.10.self_attn.q_proj.bias");
  CHECK(hugging_face_name("blk.3.attn_output.weight") == "model.layers.3.self_attn.o_proj.weight");
  CHECK(hugging_face_name("blk.3.attn_k_norm.weight") == "model.layers.3.self_attn.k_norm.weight");
  CHECK(hugging_face_name("blk.3.ffn_norm.weight") == "model.layers.3.post_attention_layernorm.weight");
  CHECK(hugging_face_name("blk.3.ffn_down.weight") == "model.layers.3.mlp.down_proj.weight");
}

TEST_CASE("names without a counterpart") {
  for (const char* name : {"", "weight", "output", "rope_freqs.weight", "blk.attn_q.weight", "blk..attn_q.weight", "blk.1.weight", "blk.1",
                           "blk.1.attn_q.scale", "blk.x.attn_q.weight", "blk.1.nothing.weight", "blk.1x.attn_q.weight", "attn_q.weight"}) {
    INFO(name);
    CHECK(!hugging_face_name(name));
  }
}
