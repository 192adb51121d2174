// SPDX-License-Identifier: Apache-2.0
// Each trait of each family matters to a golden: without it, or with another number in its place, the logits are far from the reference's.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::test;

namespace {

/// In deviations of the logits: a hundred times what goldens_test.cpp allows.
constexpr double far = 1e-2;

void copy_model(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const auto& entry : std::filesystem::directory_iterator{from})
    if (entry.path().extension() == ".safetensors" || entry.path().extension() == ".json")
      std::filesystem::copy_file(entry.path(), to / entry.path().filename());
}

/// Calls `edit(value, index)` on the 16-bit values of every tensor whose name ends in `suffix`; returns how many there are.
template <class Edit>
std::size_t edit_tensors(const std::filesystem::path& directory, std::string_view suffix, Edit edit) {
  std::size_t edited = 0;
  for (const auto& entry : std::filesystem::directory_iterator{directory}) {
    if (entry.path().extension() != ".safetensors") continue;
    std::string bytes = read_file(entry.path());
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    const std::string header = bytes.substr(8, length), wanted = std::string{suffix} + "\":{", offsets = "\"data_offsets\":[";
    for (std::size_t at = header.find(wanted); at != std::string::npos; at = header.find(wanted, at + 1)) {
      REQUIRE(header.compare(at + wanted.size(), 14, "\"dtype\":\"BF16\"") == 0);
      const std::size_t list = header.find(offsets, at) + offsets.size();
      const std::size_t begin = std::stoul(header.substr(list)), end = std::stoul(header.substr(header.find(',', list) + 1));
      for (std::size_t i = 0; i < (end - begin) / 2; ++i) {
        std::uint16_t value;
        char* const place = bytes.data() + 8 + length + begin + 2 * i;
        std::memcpy(&value, place, sizeof value);
        value = edit(value, i);
        std::memcpy(place, &value, sizeof value);
      }
      ++edited;
    }
    std::ofstream{entry.path(), std::ios::binary} << bytes;
  }
  return edited;
}

/// Distance of the model in `directory` from the golden, in deviations of its logits.
double distance(const std::filesystem::path& directory, const Golden& golden) {
  const auto model = open_model(directory, reference_mode);
  return largest_difference(rows_of(*model, golden.tokens, at_once, golden.hidden), golden.logits) /
         std::max(1.0, deviation(golden.logits));
}

/// Calls `edit(TemporaryDirectory)` on a copy of a golden model, which has to be far from the golden then.
template <class Edit>
void check_that_it_matters(const std::string& name, Edit edit) {
  CAPTURE(name);
  const Golden golden = read_golden(name);
  const TemporaryDirectory temporary;
  copy_model(golden.path, temporary.path());
  edit(temporary);
  CHECK(distance(temporary.path(), golden) > far);
}

}  // namespace

TEST_CASE("every key of the config that makes a trait matters") {
  struct Mutation {
    std::string trait, golden, from, to;  // text of config.json; a key that is renamed is a key that is absent
  };
  const Mutation mutations[]{
      {"window", "mistral", "\"sliding_window\": 9", "\"sliding_window\": 99"},
      {"window of some layers", "qwen2", "\"use_sliding_window\": true", "\"use_sliding_window\": false"},
      {"window of some layers", "gemma2", "\"sliding_window\": 9", "\"sliding_window\": 99"},
      {"window of some layers", "gemma3_text", "\"sliding_window\": 9", "\"sliding_window\": 99"},
      {"which layers have a window", "gemma3_text", "\"sliding_window_pattern\": 3", "\"sliding_window_pattern\": 2"},
      {"window beside sinks", "gpt_oss", "\"sliding_window\": 9", "\"sliding_window\": 99"},
      {"window by one", "mimo_v2_flash", "\"sliding_window\": 9", "\"sliding_window\": 10"},
      {"window by one", "phi3", "\"sliding_window\": 9", "\"sliding_window\": 8"},
      {"chunk of keys", "llama4_text", "\"attention_chunk_size\": 9", "\"attention_chunk_size\": 99"},
      {"layers without rope", "smollm3", "    0,\n", "    1,\n"},
      {"layers without rope", "llama4_text", "    0,\n", "    1,\n"},
      {"norm of heads before rope", "qwen3", "\"model_type\": \"qwen3\"", "\"model_type\": \"llama\""},
      {"norm of heads before rope", "openelm", "\"normalize_qk_projections\": true", "\"normalize_qk_projections\": false"},
      {"norm of heads after rope, without weights", "llama4_text", "\"use_qk_norm\": true", "\"use_qk_norm\": false"},
      {"soft cap of the products", "gemma2", "\"attn_logit_softcapping\": 2.5", "\"attn_logit_softcapping\": null"},
      {"soft cap of the logits", "gemma2", "\"final_logit_softcapping\": 4.0", "\"final_logit_softcapping\": null"},
      {"scale of the products", "gemma2", "\"query_pre_attn_scalar\": 5", "\"query_pre_attn_scalar\": 8"},
      {"scale of the products", "gemma3_text", "\"query_pre_attn_scalar\": 9", "\"query_pre_attn_scalar\": 16"},
      {"scale of the products", "granite", "\"attention_multiplier\": 0.5", "\"attention_multiplier\": 0.35"},
      {"ALiBi", "baichuan2-13b", "\"model_max_length\"", "\"max_position_embeddings\""},
      {"head of unit rows", "baichuan2-13b", "\"z_loss_weight\"", "\"absent\""},
      {"sandwich norms", "glm4", "\"model_type\": \"glm4\"", "\"model_type\": \"glm\""},
      {"embedding scale", "granite", "\"embedding_multiplier\"", "\"absent\""},
      {"residual scale", "granite", "\"residual_multiplier\"", "\"absent\""},
      {"logit scale", "granite", "\"logits_scaling\"", "\"absent\""},
      {"embedding scale", "minicpm", "\"scale_emb\": 12", "\"scale_emb\": 1"},
      {"residual scale", "minicpm", "\"scale_depth\": 1.4", "\"scale_depth\": 1"},
      {"logit scale", "minicpm3", "\"dim_model_base\": 16", "\"dim_model_base\": 32"},
      {"pairs of rope", "ernie4_5", "\"model_type\": \"ernie4_5\"", "\"model_type\": \"llama\""},
      {"pairs of rope", "deepseek_v3", "\"rope_theta\": 10000.0", "\"rope_theta\": 10000.0, \"rope_interleave\": false"},
      {"partial rotation", "phi", "\"partial_rotary_factor\": 0.5", "\"partial_rotary_factor\": 1.0"},
      {"partial rotation", "glm", "\"partial_rotary_factor\": 0.5", "\"partial_rotary_factor\": 1.0"},
      {"partial rotation", "qwen3_next", "\"partial_rotary_factor\": 0.25", "\"partial_rotary_factor\": 0.5"},
      {"partial rotation", "phi-msft", "\"rotary_dim\": 8", "\"rotary_dim\": 16"},
      {"two tables of rope", "gemma3_text", "\"rope_local_base_freq\": 100.0", "\"rope_local_base_freq\": 1000000.0"},
      {"two tables of rope", "mimo_v2_flash", "\"rope_theta\": 100.0", "\"rope_theta\": 50000.0"},
      {"linear scaling", "llama-linear", "\"rope_type\": \"linear\"", "\"rope_type\": \"default\""},
      {"linear scaling of one table", "gemma3_text", "\"factor\": 8.0", "\"factor\": 1.0"},
      {"dynamic scaling", "llama-dynamic", "\"rope_scaling\"", "\"absent\""},
      {"yarn scaling", "llama-yarn", "\"rope_scaling\"", "\"absent\""},
      {"yarn's ends", "llama-yarn", "\"beta_fast\": 2.0", "\"beta_fast\": 2.0, \"beta_slow\": 0.1"},
      {"yarn's magnitude", "deepseek_v3", "\"mscale\": 0.8", "\"mscale\": 0.6"},
      {"yarn on the scale of products", "deepseek_v3", "\"mscale_all_dim\": 0.6", "\"mscale_all_dim\": 0"},
      {"yarn without rounding", "gpt_oss", "\"truncate\": false", "\"truncate\": true"},
      {"llama3 scaling", "llama-rope3", "\"rope_scaling\"", "\"absent\""},
      {"longrope's short factors", "phi3-longrope", "1.1,", "1.9,"},
      {"longrope's long factors", "phi3-longrope-long", "\"original_max_position_embeddings\": 16",
       "\"original_max_position_embeddings\": 64"},
      {"scaled base", "hunyuan_v1_moe", "\"alpha\": 1000.0", "\"alpha\": 1.0"},
      {"base by the length of the text", "qwen-ntk", "\"use_dynamic_ntk\": true", "\"use_dynamic_ntk\": false"},
      {"queries that grow with their position", "qwen", "\"use_logn_attn\": true", "\"use_logn_attn\": false"},
      {"queries that grow with their position", "llama4_text", "\"attn_temperature_tuning\": true", "\"attn_temperature_tuning\": false"},
      {"number of experts", "mixtral", "\"num_experts_per_tok\": 2", "\"num_experts_per_tok\": 1"},
      {"normalized weights of experts", "qwen3_moe", "\"norm_topk_prob\": true", "\"norm_topk_prob\": false"},
      {"normalized weights of experts", "deepseek_v3", "\"norm_topk_prob\": true", "\"norm_topk_prob\": false"},
      {"groups of experts", "deepseek_v2", "\"topk_group\": 2", "\"topk_group\": 3"},
      {"groups of experts", "deepseek_v3", "\"topk_group\": 2", "\"topk_group\": 3"},
      {"factor of the experts", "deepseek_v2", "\"routed_scaling_factor\": 1.7", "\"routed_scaling_factor\": 1.0"},
      {"limit of the gated activation", "gpt_oss", "\"swiglu_limit\": 7.0", "\"swiglu_limit\": 700.0"},
      {"value scale", "mimo_v2_flash", "\"attention_value_scale\": 0.7", "\"attention_value_scale\": 1.0"},
      {"blocks that run twice", "mobilellm", "\"layer_sharing\": true", "\"layer_sharing\": false"},
      {"prefix that sees itself", "chatglm-6b", "\"bos_token_id\": 48", "\"bos_token_id\": 50"},
      {"position of the mask", "chatglm-6b", "\"gmask_token_id\": 47", "\"gmask_token_id\": 12"},
  };
  for (const Mutation& m : mutations) {
    CAPTURE(m.trait);
    check_that_it_matters(m.golden, [&](const TemporaryDirectory& copy) {
      std::string config = read_file(copy.path() / "config.json");
      const std::size_t at = config.find(m.from);
      REQUIRE(at != std::string::npos);
      config.replace(at, m.from.size(), m.to);
      copy.write("config.json", config);
    });
  }
}

TEST_CASE("every tensor that makes a trait matters") {
  constexpr std::uint16_t one = 0x3F80, minus_hundred = 0xC2C8;
  struct Mutation {
    std::string trait, golden, suffix;
    std::uint16_t value;  // of bfloat16, everywhere
  };
  const Mutation mutations[]{
      {"sinks", "gpt_oss", "self_attn.sinks", minus_hundred},
      {"sinks", "gpt_oss-mxfp4", "self_attn.sinks", minus_hundred},
      {"sinks", "mimo_v2_flash", "sink_bias", minus_hundred},
      {"weights of the norm of queries", "qwen3_moe", "q_norm.weight", one},
      {"weights of the norm of keys", "hunyuan_v1_dense", "key_layernorm.weight", one},
      {"norm of 1 + w", "gemma3_text", "k_norm.weight", 0},
      {"sandwich norms", "glm4", "post_self_attn_layernorm.weight", one},
      {"sandwich norms", "gemma2", "post_feedforward_layernorm.weight", 0},
      {"norm of compressed keys and values", "deepseek_v3", "kv_a_layernorm.weight", one},
      {"norm of compressed queries", "minicpm3", "q_a_layernorm.weight", one},
      {"bias of the choice of experts", "deepseek_v3", "e_score_correction_bias", 0},
      {"bias of the router", "gpt_oss", "router.bias", 0},
      {"shared expert", "deepseek_v2", "shared_experts.down_proj.weight", 0},
      {"shared expert", "hunyuan_v1_moe", "shared_mlp.down_proj.weight", 0},
      {"shared expert", "qwen3_next", "shared_expert.down_proj.weight", 0},
      {"shared expert", "llama4_text", "shared_expert.down_proj.weight", 0},
      {"gate of the shared expert", "qwen3_next", "shared_expert_gate.weight", 0},
      {"decay of the delta rule", "qwen3_next", "linear_attn.A_log", minus_hundred},
      {"decay of the delta rule", "qwen3_5_text", "linear_attn.dt_bias", 0},
      {"gate of the delta rule", "qwen3_5_text", "linear_attn.in_proj_z.weight", 0},
      {"strength of the delta rule", "qwen3_5_text", "linear_attn.in_proj_b.weight", 0},
      {"norm of the delta rule", "qwen3_next", "linear_attn.norm.weight", one},
      {"taps of the delta rule", "qwen3_next", "linear_attn.conv1d.weight", one},
      {"taps of the convolution", "lfm2", "conv.conv.weight", one},
      {"bias of queries", "internlm", "q_proj.bias", 0},
      {"bias of the output", "internlm", "o_proj.bias", 0},
      {"bias of the feed-forward", "llama-linear", "down_proj.bias", 0},
      {"bias of queries, keys and values", "qwen", "c_attn.bias", 0},
      {"bias of queries, keys and values", "chatglm2", "query_key_value.bias", 0},
      {"bias of the experts", "gpt_oss", "experts.gate_up_proj_bias", 0},
      {"bias of the head", "phi-msft", "lm_head.linear.bias", 0},
      {"bias of a norm", "phi", "input_layernorm.bias", 0},
      {"learned positions", "bert", "position_embeddings.weight", 0},
      {"type of tokens", "bert", "token_type_embeddings.weight", 0},
  };
  for (const Mutation& m : mutations) {
    CAPTURE(m.trait);
    check_that_it_matters(m.golden, [&](const TemporaryDirectory& copy) {
      REQUIRE(edit_tensors(copy.path(), m.suffix, [&](std::uint16_t, std::size_t) { return m.value; }) > 0);
    });
  }
}

TEST_CASE("the gate of attention's output matters: every second head of the query projection") {
  const std::size_t head = 16 * 32;  // head_dim rows of hidden columns
  const auto open_gate = [&](std::uint16_t value, std::size_t i) { return i / head % 2 == 1 ? std::uint16_t{0} : value; };
  for (const std::string name : {"qwen3_next", "qwen3_5_text"})
    check_that_it_matters(
        name, [&](const TemporaryDirectory& copy) { REQUIRE(edit_tensors(copy.path(), "self_attn.q_proj.weight", open_gate) > 0); });
}

TEST_CASE("positions one too large from the middle of the text on would be seen in every family") {
  for (const std::string& name : all_golden_names()) {
    CAPTURE(name);
    const Golden golden = read_golden(name);
    CHECK(golden.shift > far);  // by the reference: no caller of the decoder can ask for it
  }
}
