// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/gguf_config.hpp>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <checkpoint/gguf_builder.hpp>
#include <ingot/core/json.hpp>
#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::checkpoint;
using test::GgufBuilder;

namespace {
/// A network of width 64 with heads of 16 rows; embedding [10, 64].
GgufBuilder network(const std::string& architecture) {
  GgufBuilder builder;
  builder.add("general.architecture", architecture).add(architecture + ".block_count", 1u).add(architecture + ".context_length", 4096u);
  builder.add(architecture + ".embedding_length", 64u).add(architecture + ".feed_forward_length", 128u);
  builder.add(architecture + ".attention.head_count", 4u).add(architecture + ".attention.layer_norm_rms_epsilon", 1e-6f);
  builder.add_tensor("token_embd.weight", {64, 10}, 0, 0);
  return builder;
}
Gguf gguf_of(const GgufBuilder& builder) {
  const test::TemporaryDirectory directory;
  auto opened = open_gguf(directory.write("f.gguf", builder.file(1 << 14)));
  REQUIRE(opened);
  return *std::move(opened);  // the mapping outlives the file
}
Result<json::Document> config_of(const GgufBuilder& builder) {
  INGOT_TRY(const auto text, gguf_config_json(gguf_of(builder)));
  return json::Document::parse(text, "config");
}
std::string error_of(const GgufBuilder& builder, ErrorCode code) {
  const auto config = config_of(builder);
  REQUIRE(!config);
  CHECK(config.error().code == code);
  return config.error().message();
}
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("the configuration is that of the Hugging Face directory") {
  const auto gguf = open_gguf(INGOT_GOLDEN_DIR "/checkpoint/llama.gguf");
  REQUIRE(gguf);
  const auto text = gguf_config_json(*gguf);
  REQUIRE(text);
  const auto ours = json::Document::parse(*text, "ours");
  REQUIRE(ours);
  const auto file = MappedFile::open(INGOT_GOLDEN_DIR "/checkpoint/llama/config.json");
  const auto theirs = json::Document::parse(file->text(), "theirs");
  int keys = 0;
  const auto compare = [&](const json::Value& a, const json::Value& b, auto&& self) -> Status {
    return b.each_member([&](std::string_view key, const json::Value& value) -> Status {
      INFO(std::string{key});
      ++keys;
      const auto own = a.find(key);
      REQUIRE(own);
      if (value.is_object()) return self(*own, value, self);
      if (value.is_number())
        CHECK(*own->as<double>() == doctest::Approx(*value.as<double>()).epsilon(1e-6));
      else
        CHECK(own->dump() == value.dump());
      return {};
    });
  };
  REQUIRE(compare(ours->root(), theirs->root(), compare));
  CHECK(keys == 24);
  CHECK(*gguf_generation_config_json(gguf->metadata) == R"({"bos_token_id":1,"eos_token_id":[2,3]})");
}

TEST_CASE("defaults, and what follows from tensors") {
  const auto config =
      config_of(network("qwen3").add_tensor("output.weight", {64, 10}, 0, 4096).add_tensor("blk.0.attn_q.bias", {64}, 0, 8192));
  REQUIRE(config);
  const json::Value root = config->root();
  CHECK(*root.get<std::string>("model_type") == "qwen3");
  CHECK(*root.get<int>("head_dim") == 16);
  CHECK(*root.get<int>("num_key_value_heads") == 4);
  CHECK(*root.get<int>("vocab_size") == 10);
  CHECK(*root.get<double>("rope_theta") == 10000);
  CHECK(!root.find("rope_scaling"));
  CHECK(!*root.get<bool>("tie_word_embeddings"));
  CHECK(*root.get<bool>("attention_bias"));
  CHECK(!root.find("eos_token_id"));
  CHECK(!config_of(network("qwen2"))->root().find("attention_bias"));
  CHECK(*config_of(network("qwen2").add("qwen2.attention.key_length", 32u))->root().get<int>("head_dim") == 32);
  CHECK(*config_of(network("llama").add("llama.rope.dimension_count", 8u))->root().get<double>("partial_rotary_factor") == 0.5);
  CHECK(*gguf_generation_config_json(gguf_of(network("llama")).metadata) == "{}");
}

TEST_CASE("rope scaling in metadata") {
  const auto yarn = config_of(network("qwen2")
                                  .add("qwen2.rope.scaling.type", "yarn")
                                  .add("qwen2.rope.scaling.factor", 4.0f)
                                  .add("qwen2.rope.scaling.original_context_length", 1024u));
  REQUIRE(yarn);
  CHECK(yarn->root().at("rope_scaling")->dump() == R"({"rope_type":"yarn","factor":4,"original_max_position_embeddings":1024})");
  const auto linear = config_of(network("llama").add("llama.rope.scaling.type", "linear").add("llama.rope.scaling.factor", 2.0f));
  CHECK(linear->root().at("rope_scaling")->dump() == R"({"rope_type":"linear","factor":2})");
  CHECK(contains(error_of(network("llama").add("llama.rope.scaling.type", "linear"), ErrorCode::damaged), "rope.scaling.factor"));
  CHECK(contains(error_of(network("llama").add("llama.rope.scaling.type", "magic"), ErrorCode::unsupported), "magic"));
}

TEST_CASE("rope tables that no rule explains keep their numbers") {
  const auto with_table = [](std::vector<float> table) {
    std::string file = network("llama").add_tensor("rope_freqs.weight", {table.size()}, 0, 4096).file(1 << 14);
    std::memcpy(file.data() + file.size() - (1 << 14) + 4096, table.data(), table.size() * sizeof(float));
    const test::TemporaryDirectory directory;
    return gguf_config_json(*open_gguf(directory.write("f.gguf", file)));
  };
  const auto config = with_table({1, 2, 3, 4, 5, 6, 7, 8});
  REQUIRE(config);
  CHECK(
      contains(*config, R"("rope_type":"longrope","short_factor":[1,2,3,4,5,6,7,8],"long_factor":[1,2,3,4,5,6,7,8],"attention_factor":1)"));
  CHECK(with_table({1, 2}).error().code == ErrorCode::damaged);
  CHECK(with_table({1, 2, 3, 4, 5, 6, 7, 0}).error().code == ErrorCode::damaged);
  CHECK(with_table({1, 2, 3, 4, 5, 6, 7, std::nanf("")}).error().code == ErrorCode::damaged);
}

TEST_CASE("metadata that makes no network") {
  CHECK(contains(error_of(network("rwkv"), ErrorCode::unsupported), "rwkv"));
  CHECK(contains(error_of(GgufBuilder{}, ErrorCode::damaged), "general.architecture"));
  CHECK(contains(error_of(GgufBuilder{}.add("general.architecture", 3u), ErrorCode::damaged), "general.architecture"));
  CHECK(contains(error_of(network("llama").add("llama.expert_count", 8u), ErrorCode::unsupported), "experts"));
  CHECK(contains(error_of(network("llama").add("llama.attention.key_length", 0u), ErrorCode::damaged), "key_length"));
  CHECK(contains(error_of(network("llama").add("llama.attention.key_length", 7u), ErrorCode::damaged), "key_length"));
  CHECK(contains(error_of(network("llama").add("tokenizer.ggml.eos_token_id", "x"), ErrorCode::damaged), "eos_token_id"));
  GgufBuilder zero_heads;
  zero_heads.add("general.architecture", "llama").add("llama.attention.head_count", 0u).add("llama.embedding_length", 64u);
  CHECK(contains(error_of(zero_heads, ErrorCode::damaged), "must not be 0"));
}

TEST_CASE("row orders are undone for architectures that rotate pairs, and for them alone") {
  const auto rename = [](const GgufBuilder& builder) {
    Gguf gguf = gguf_of(builder);
    return with_hugging_face_names(std::move(gguf.tensors), gguf.metadata);
  };
  const auto q = [](GgufBuilder builder, std::uint64_t rows) { return builder.add_tensor("blk.0.attn_q.weight", {1, rows}, 0, 8192); };
  CHECK(rename(q(network("llama"), 64))->find("model.layers.0.self_attn.q_proj.weight")->permutation.head_rows == 16);
  CHECK(rename(q(network("qwen2"), 64))->find("model.layers.0.self_attn.q_proj.weight")->permutation.is_identity());
  CHECK(rename(q(network("llama"), 65)).error().code == ErrorCode::damaged);
  CHECK(rename(q(network("llama"), 64).add_tensor("model.layers.0.self_attn.q_proj.weight", {1}, 0, 12288)).error().code ==
        ErrorCode::damaged);
}
