// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/recommended.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::generation;

TEST_CASE("without a generation config the defaults are those of the settings file's origin") {
  const auto s = recommended_settings("", 8192);
  REQUIRE(s);
  CHECK(s->sampler.temperature == 0.8f);
  CHECK(s->sampler.top_k == 40);
  CHECK(s->sampler.top_p == 0.9f);
  CHECK(s->sampler.min_p == 0.05f);
  CHECK(s->max_all_tokens == 8192);
  CHECK(recommended_settings("", 1u << 20)->max_all_tokens == 32768);
  CHECK(recommended_settings("", 0)->max_all_tokens == 1);
}

TEST_CASE("a generation config has its say") {
  const auto s =
      recommended_settings(R"({"temperature":0.6,"top_k":20,"top_p":0.95,"min_p":0.0,"repetition_penalty":1.1,"eos_token_id":2})", 100);
  REQUIRE(s);
  CHECK(s->sampler.temperature == 0.6f);
  CHECK(s->sampler.top_k == 20);
  CHECK(s->sampler.top_p == 0.95f);
  CHECK(s->sampler.min_p == 0);
  CHECK(s->sampler.repetition_penalty == 1.1f);
  CHECK(recommended_settings(R"({"do_sample":false,"temperature":0.6})", 100)->sampler.temperature == 0);
  CHECK(recommended_settings(R"({"temperature":null})", 100)->sampler.temperature == 0.8f);
}

TEST_CASE("a damaged generation config is named") {
  for (const char* text : {"{", "[1", R"({"temperature":"hot"})", R"({"temperature":-1})", R"({"top_p":0})", R"({"top_p":1.5})",
                           R"({"min_p":-1})", R"({"top_k":-1})", R"({"repetition_penalty":0})", R"({"do_sample":1})"}) {
    CAPTURE(text);
    const auto s = recommended_settings(text, 100);
    REQUIRE_FALSE(s);
    CHECK(s.error().code == ErrorCode::damaged);
    CHECK(s.error().message().find("generation_config.json") != std::string::npos);
  }
}

TEST_CASE("what is written is what is read, without a remark") {
  Settings s;
  s.sampler = {.temperature = 0.35f,
               .top_k = 7,
               .top_p = 0.5f,
               .min_p = 0.01f,
               .repetition_penalty = 1.2f,
               .presence_penalty = -1,
               .frequency_penalty = 0.3f,
               .penalty_window = 12,
               .seed = ~std::uint64_t{0},
               .chain = {Filter::temperature, Filter::min_p}};
  s.threads = 4, s.max_new_tokens = 9, s.max_all_tokens = 999, s.chunk = 33, s.kv = quant::f32, s.use_template = false, s.all_logits = true;
  s.system_prompt = "Say \"h\xc3\xa9llo\"\n\tbriefly\\";
  for (const bool no_chain : {false, true}) {
    if (no_chain) s.sampler.chain.clear();
    const auto document = json::Document::parse(to_json(s), "config.json");
    REQUIRE(document);
    Settings read;
    REQUIRE(apply(document->root(), read, [](std::string_view note) { FAIL_CHECK(std::string{note}); }));
    CHECK(to_json(read) == to_json(s));
    CHECK(read.system_prompt == s.system_prompt);
    CHECK(read.sampler.chain == s.sampler.chain);
    CHECK(read.sampler.seed == s.sampler.seed);
    CHECK(read.sampler.temperature == s.sampler.temperature);
    CHECK(read.kv == quant::f32);
    CHECK_FALSE(read.use_template);
    CHECK(read.all_logits);
  }
}
