// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/settings.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/json.hpp>
#include <ingot/kernels/attention_task.hpp>

using namespace ingot;
using namespace ingot::generation;

namespace {

struct Applied {
  Settings settings;
  std::vector<std::string> notes;
};

Result<Applied> apply_text(const std::string& text, Settings start = {}) {
  Applied applied{std::move(start), {}};
  INGOT_TRY(const auto document, json::Document::parse(text, "config.json"));
  INGOT_CHECK(apply(document.root(), applied.settings, [&](std::string_view note) { applied.notes.emplace_back(note); }));
  return applied;
}

Settings good(const std::string& text) {
  const auto applied = apply_text(text);
  INFO((applied ? std::string{} : applied.error().message()));
  REQUIRE(applied);
  CHECK(applied->notes.empty());
  return applied->settings;
}

std::vector<std::string> notes_of(const std::string& text) {
  const auto applied = apply_text(text);
  REQUIRE(applied);
  return applied->notes;
}

}  // namespace

TEST_CASE("every key reaches its setting") {
  const Settings s = good(R"({"temperature":0.7,"top_k":30,"top_p":0.8,"min_p":0.1,"repetition_penalty":1.1,"presence_penalty":0.5,
    "frequency_penalty":-0.25,"penalty_window":64,"seed":18446744073709551615,"thread_num":3,"max_new_tokens":77,"max_all_tokens":4096,
    "system_prompt":"be brief","use_template":false,"all_logits":true,"chunk":128,"precision":"high"})");
  CHECK(s.sampler.temperature == 0.7f);
  CHECK(s.sampler.top_k == 30);
  CHECK(s.sampler.top_p == 0.8f);
  CHECK(s.sampler.min_p == 0.1f);
  CHECK(s.sampler.repetition_penalty == 1.1f);
  CHECK(s.sampler.presence_penalty == 0.5f);
  CHECK(s.sampler.frequency_penalty == -0.25f);
  CHECK(s.sampler.penalty_window == 64);
  CHECK(s.sampler.seed == ~std::uint64_t{0});
  CHECK(s.threads == 3);
  CHECK(s.max_new_tokens == 77);
  CHECK(s.max_all_tokens == 4096);
  CHECK(s.system_prompt == "be brief");
  CHECK_FALSE(s.use_template);
  CHECK(s.all_logits);
  CHECK(s.chunk == 128);
  CHECK(s.kv == quant::f32);
}

TEST_CASE("MNN's spellings, defaults and what is always so") {
  const Settings s = good(R"({"topK":5,"topP":0.5,"minP":0.25,"penalty":1.5,"chunk":0,"precision":"low","backend_type":"cpu","memory":"low",
    "use_mmap":true,"reuse_kv":true,"tfs_z":1.0,"typical":1})");
  CHECK(s.sampler.top_k == 5);
  CHECK(s.sampler.top_p == 0.5f);
  CHECK(s.sampler.min_p == 0.25f);
  CHECK(s.sampler.repetition_penalty == 1.5f);
  CHECK(s.chunk == Settings{}.chunk);
  CHECK(s.kv == quant::bf16);
  CHECK(good(R"({"attention_mode":8})").kv == quant::bf16);
  CHECK(good(R"({"attention_mode":10})").kv == kernels::int8_kv);
  CHECK(good(R"({"attention_mode":8,"precision":"high"})").kv == quant::f32);
  CHECK(good(R"({"precision":"high","attention_mode":8})").kv == quant::f32);
  CHECK(good("{}").sampler.temperature == SamplerSettings{}.temperature);
}

TEST_CASE("stop strings: one or a list, the last file's list instead of the one before") {
  CHECK(good(R"({"stop":"###"})").stop == std::vector<std::string>{"###"});
  CHECK(good(R"({"stop":["a","b"]})").stop == std::vector<std::string>{"a", "b"});
  CHECK(good("{}").stop.empty());
  CHECK(apply_text(R"({"stop":[7]})").error().exit_code() == 6);
  CHECK(apply_text(R"({"stop":7})").error().exit_code() == 6);
}

TEST_CASE("keys not given keep what was there") {
  Settings start;
  start.sampler.top_k = 9;
  start.system_prompt = "old";
  const auto applied = apply_text(R"({"temperature":0})", start);
  REQUIRE(applied);
  CHECK(applied->settings.sampler.temperature == 0);
  CHECK(applied->settings.sampler.top_k == 9);
  CHECK(applied->settings.system_prompt == "old");
}

TEST_CASE("sampler types") {
  using Chain = std::vector<Filter>;
  CHECK(good(R"({"sampler_type":"greedy","temperature":0.8})").sampler.temperature == 0);
  CHECK(good(R"({"temperature":0.8,"sampler_type":"greedy"})").sampler.temperature == 0);
  CHECK(good(R"({"sampler_type":"temperature"})").sampler.chain == Chain{Filter::temperature});
  CHECK(good(R"({"sampler_type":"topK"})").sampler.chain == Chain{Filter::top_k, Filter::temperature});
  CHECK(good(R"({"sampler_type":"minP"})").sampler.chain == Chain{Filter::min_p, Filter::temperature});
  CHECK(good(R"({"sampler_type":"mixed","mixed_samplers":["topP","penalty","temperature","tfs"]})").sampler.chain ==
        Chain{Filter::top_p, Filter::temperature});
  CHECK(good(R"({"mixed_samplers":["top_k","min_p"]})").sampler.chain == Chain{Filter::top_k, Filter::min_p});
  CHECK(good(R"({"sampler_type":"mixed"})").sampler.chain == SamplerSettings{}.chain);
  CHECK(good(R"({"mixed_samplers":[]})").sampler.chain.empty());

  for (const char* text : {R"({"sampler_type":"mirostat"})", R"({"mixed_samplers":["topK","mirostat"]})"}) {
    const auto applied = apply_text(text);
    REQUIRE_FALSE(applied);
    CHECK(applied.error().exit_code() == 10);
    CHECK(applied.error().message().find("mirostat") != std::string::npos);
  }
  CHECK_FALSE(apply_text(R"({"sampler_type":1})"));
  CHECK_FALSE(apply_text(R"({"mixed_samplers":"topK"})"));
  CHECK_FALSE(apply_text(R"({"mixed_samplers":[1]})"));
}

TEST_CASE("numbers out of range and wrong types are damage that names the key") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> bad{
      {"temperature", {"-0.1", "1e7", "\"0\"", "null", "[]", "true"}},
      {"top_k", {"-1", "1.5", "\"5\"", "2000000000"}},
      {"top_p", {"-0.1", "1.1", "{}"}},
      {"min_p", {"-1", "2"}},
      {"repetition_penalty", {"0", "-1", "11"}},
      {"presence_penalty", {"101", "-101"}},
      {"frequency_penalty", {"1e3"}},
      {"penalty_window", {"-5", "1e2"}},
      {"seed", {"-1", "1.0", "18446744073709551616"}},
      {"thread_num", {"257", "-1"}},
      {"max_new_tokens", {"0", "-3", "4294967296"}},
      {"max_all_tokens", {"0", "1073741825"}},
      {"chunk", {"65537", "-1"}},
      {"system_prompt", {"3", "null"}},
      {"use_template", {"1", "\"yes\""}},
      {"all_logits", {"1", "\"yes\""}},
      {"precision", {"1"}},
      {"backend_type", {"0"}},
  };
  for (const auto& [name, values] : bad)
    for (const std::string& value : values) {
      const std::string key = name;  // Clang 14 captures no structured bindings
      const auto applied = apply_text("{\"" + key + "\":" + value + "}");
      CAPTURE(key);
      CAPTURE(value);
      REQUIRE_FALSE(applied);
      CHECK(applied.error().code == ErrorCode::damaged);
      CHECK(applied.error().message().find(key) != std::string::npos);
    }
  for (const char* text : {"[]", "1", "\"temperature\"", ""}) CHECK_FALSE(apply_text(text));
}

TEST_CASE("what has no effect is remarked, one line each") {
  const auto notes = notes_of(R"({"no_such_key":{"a":1},"tfs_z":0.9,"typical":0.5,"backend_type":"opencl","memory":"high","use_mmap":false,
    "reuse_kv":false,"temperature":0.5})");
  CHECK(notes.size() == 7);
  for (const char* key : {"no_such_key", "tfs_z", "typical", "backend_type", "memory", "use_mmap", "reuse_kv"}) {
    CAPTURE(key);
    bool named = false;
    for (const std::string& note : notes) named = named || note.find("\"" + std::string{key} + "\"") != std::string::npos;
    CHECK(named);
  }
  Settings settings;
  const auto document = json::Document::parse(R"({"no_such_key":1})", "config.json");
  REQUIRE(document);
  CHECK(apply(document->root(), settings, {}));  // nobody listens
}
