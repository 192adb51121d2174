// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/read_embedding_config.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

using namespace ingot;
using namespace ingot::generation;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view plain_modules = R"([{"idx":0,"path":"","type":"sentence_transformers.models.Transformer"},)"
                                           R"({"idx":1,"path":"1_Pooling","type":"sentence_transformers.models.Pooling"},)"
                                           R"({"idx":2,"path":"2_Normalize","type":"sentence_transformers.models.Normalize"}])";

struct Files {
  ingot::test::TemporaryDirectory temporary;
  const Files& write(std::string_view name, std::string_view text) const {
    fs::create_directories((temporary.path() / name).parent_path());
    std::ofstream{temporary.path() / name, std::ios::binary} << text;
    return *this;
  }
  Result<std::optional<EmbeddingConfig>> read() const { return read_embedding_config(temporary.path()); }
};

EmbeddingConfig config_of(const Files& files) {
  const auto config = files.read();
  INFO((config ? std::string{} : config.error().message()));
  REQUIRE(config);
  REQUIRE(*config);
  return **config;
}

void refused(const Files& files, ErrorCode code, std::string_view says) {
  const auto config = files.read();
  REQUIRE_FALSE(config);
  INFO(config.error().message());
  CHECK(config.error().code == code);
  CHECK(config.error().message().find(says) != std::string::npos);
}

}  // namespace

TEST_CASE("a directory without these files says nothing") {
  const auto config = Files{}.read();
  REQUIRE(config);
  CHECK_FALSE(*config);
}

TEST_CASE("modules.json and what it names are read") {
  const Files files;
  files.write("modules.json", plain_modules)
      .write("1_Pooling/config.json", R"({"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false,"include_prompt":false})")
      .write("sentence_bert_config.json", R"({"max_seq_length":256,"do_lower_case":true})")
      .write("config_sentence_transformers.json",
             R"({"prompts":{"query":"Q: ","document":"","query":"R: "},"default_prompt_name":"query"})");
  const EmbeddingConfig config = config_of(files);
  CHECK(config.poolings == std::vector{Pooling::cls});
  CHECK(config.normalize);
  CHECK_FALSE(config.pool_prompt);
  CHECK(config.lower_case);
  CHECK(config.max_tokens == 256);
  CHECK(config.default_prompt == "query");
  REQUIRE(config.prompt("query") != nullptr);
  CHECK(*config.prompt("query") == "R: ");
  CHECK(config.prompt("passage") == nullptr);
}

TEST_CASE("every way to name a pooling is understood") {
  const Files files;
  files.write("modules.json", R"([{"path":"p","type":"Pooling"}])");
  const auto poolings = [&](std::string_view text) { return config_of(files.write("p/config.json", text)).poolings; };
  CHECK(poolings(R"({"pooling_mode_lasttoken":true,"pooling_mode_mean_tokens":false})") == std::vector{Pooling::last});
  CHECK(poolings(R"({"pooling_mode_max_tokens":true})") == std::vector{Pooling::max});
  CHECK(poolings(R"({"pooling_mode_mean_sqrt_len_tokens":true})") == std::vector{Pooling::mean_sqrt});
  CHECK(poolings(R"({"pooling_mode_weightedmean_tokens":true})") == std::vector{Pooling::weighted_mean});
  CHECK(poolings(R"({"word_embedding_dimension":64})") == std::vector{Pooling::mean});
  CHECK(poolings(R"({"pooling_mode_lasttoken":true,"pooling_mode_cls_token":true})") == std::vector{Pooling::cls, Pooling::last});
  CHECK(poolings(R"({"pooling_mode":"lasttoken"})") == std::vector{Pooling::last});
  CHECK(poolings(R"({"pooling_mode":["mean","cls"]})") == std::vector{Pooling::cls, Pooling::mean});
  CHECK_FALSE(config_of(files).normalize);
  for (const char* text : {R"({"pooling_mode_mean_tokens":false})", R"({"pooling_mode":"median"})", R"({"pooling_mode":[]})",
                           R"({"pooling_mode_cls_token":1})", R"({"pooling_mode":7})", "[", ""})
    refused(files.write("p/config.json", text), ErrorCode::damaged, "config.json");
}

TEST_CASE("the tokenizer's limit counts where sentence-transformers sets none") {
  const Files files;
  files.write("modules.json", plain_modules).write("1_Pooling/config.json", "{}");
  CHECK(config_of(files.write("tokenizer_config.json", R"({"model_max_length":512})")).max_tokens == 512);
  CHECK(config_of(files.write("tokenizer_config.json", R"({"model_max_length":1000000000000000019884624838656})")).max_tokens == 0);
  CHECK(config_of(files.write("sentence_bert_config.json", R"({"max_seq_length":null})")).max_tokens == 0);
  CHECK(config_of(files.write("sentence_bert_config.json", R"({"max_seq_length":128})")).max_tokens == 128);
  refused(files.write("sentence_bert_config.json", R"({"max_seq_length":-1})"), ErrorCode::damaged, "max_seq_length");
}

TEST_CASE("hostile modules are refused") {
  const Files files;
  const auto modules = [&](std::string_view text, ErrorCode code, std::string_view says) {
    refused(files.write("modules.json", text), code, says);
  };
  files.write("1_Pooling/config.json", "{}");
  for (const char* path : {"..", ".", "", "/etc", "a/../..", "a\\\\b", "1_Pooling\\u0000"})
    modules(R"([{"type":"Pooling","path":")" + std::string{path} + R"("}])", ErrorCode::damaged, "path");
  modules(R"([{"type":"Pooling","path":"absent"}])", ErrorCode::not_found, "absent");
  modules(R"([{"type":"Pooling","path":"1_Pooling"},{"type":"Pooling","path":"1_Pooling"}])", ErrorCode::damaged, "twice");
  modules(R"([{"type":"sentence_transformers.models.Dense","path":"2_Dense"}])", ErrorCode::unsupported, "Dense");
  modules(R"([{"type":"sentence_transformers.models.Normalize","path":""}])", ErrorCode::damaged, "no module pools");
  modules(R"([{"path":"1_Pooling"}])", ErrorCode::damaged, "type");
  modules(R"([7])", ErrorCode::damaged, "type");
  for (const char* text : {"{}", "[]", "7", "", "[{", "\xff"}) modules(text, ErrorCode::damaged, "modules.json");
  files.write("modules.json", plain_modules);
  for (const char* text : {R"({"prompts":[]})", R"({"prompts":{"query":7}})", R"({"default_prompt_name":"query"})"})
    refused(files.write("config_sentence_transformers.json", text), ErrorCode::damaged, "config_sentence_transformers.json");
}

TEST_CASE("a package says the same again") {
  EmbeddingConfig config;
  config.poolings = {Pooling::cls, Pooling::weighted_mean};
  config.normalize = config.pool_prompt = false;
  config.lower_case = true;
  config.max_tokens = 77;
  config.prompts = {{"query", "a \"b\"\n"}, {"", "\\"}};
  config.default_prompt = "query";
  const Files files;
  const EmbeddingConfig again = config_of(files.write(embedding_file, to_json(config)));
  CHECK(again.poolings == config.poolings);
  CHECK_FALSE(again.normalize);
  CHECK_FALSE(again.pool_prompt);
  CHECK(again.lower_case);
  CHECK(again.max_tokens == 77);
  CHECK(again.prompts == config.prompts);
  CHECK(again.default_prompt == "query");
  for (const char* text : {"{}", R"({"pooling":"median"})", R"({"pooling":[]})", R"({"pooling":["cls"],"max_seq_length":"x"})", "["})
    refused(files.write(embedding_file, text), ErrorCode::damaged, "embedding.json");
}
