// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/lora_config.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
Result<LoraConfig> read(const std::string& members) {
  const auto document = json::Document::parse("{\"peft_type\":\"LORA\"" + members + "}", "adapter_config.json");
  REQUIRE(document);
  return read_lora_config(document->root());
}
}  // namespace

TEST_CASE("ranks and scales are PEFT's") {
  const auto plain = read("");
  REQUIRE(plain);
  CHECK(plain->rank_of("m.q_proj") == 8);
  CHECK(plain->scale_of("m.q_proj") == 1);
  const auto config = read(R"(,"r":16,"lora_alpha":32,"use_rslora":true,"rank_pattern":{"q_proj":4,"l.1.q_proj":64,".*v_proj":1},
    "alpha_pattern":{"^m\\.l\\.1\\..*":8,"q_proj":2.5,"k_proj":0},"target_modules":["q_proj"],"lora_dropout":0.1)");
  REQUIRE_MESSAGE(config, config.error().message());
  CHECK(config->rank_of("m.l.0.q_proj") == 4);
  CHECK(config->rank_of("m.l.1.q_proj") == 4);  // the first that fits
  CHECK(config->rank_of("m.l.1.xq_proj") == 16);
  CHECK(config->rank_of("m.l.1.v_proj") == 1);
  CHECK(config->scale_of("m.l.0.q_proj") == 2.5 / 2);
  CHECK(config->scale_of("m.l.1.q_proj") == 8.0 / 2);
  CHECK(config->scale_of("m.l.2.k_proj") == 0);
  CHECK(config->scale_of("o_proj") == 32.0 / 4);
}

TEST_CASE("values that are none, and adapters that are no plain LoRA, are refused by name") {
  const auto fails = [](const std::string& members, ErrorCode code, std::string_view what) {
    const auto config = read(members);
    REQUIRE_MESSAGE(!config, members);
    CHECK(config.error().code == code);
    CHECK_MESSAGE(config.error().message().find(what) != std::string::npos, config.error().message());
  };
  for (const char* r : {"0", "65537", "-1", "1.5", "\"8\""}) fails(std::string{",\"r\":"} + r, ErrorCode::damaged, "r");
  fails(",\"lora_alpha\":\"x\"", ErrorCode::damaged, "lora_alpha");
  fails(",\"rank_pattern\":{\"q\":0}", ErrorCode::damaged, "rank_pattern");
  fails(",\"rank_pattern\":{\"q\":2.5}", ErrorCode::damaged, "rank_pattern");
  fails(",\"rank_pattern\":{\"q\":1e300}", ErrorCode::damaged, "rank_pattern");
  fails(",\"rank_pattern\":[1]", ErrorCode::damaged, "rank_pattern");
  fails(",\"alpha_pattern\":{\"q(\":1}", ErrorCode::damaged, "adapter_config.json");
  fails(",\"alpha_pattern\":{\"(?=q)\":1}", ErrorCode::unsupported, "adapter_config.json");
  std::string many = ",\"alpha_pattern\":{";
  for (int i = 0; i < 65; ++i) many += (i == 0 ? "\"q+" : ",\"q+") + std::to_string(i) + "\":1";
  fails(many + "}", ErrorCode::unsupported, "64");
  fails(",\"use_dora\":1", ErrorCode::damaged, "use_dora");
  fails(",\"use_qalora\":true", ErrorCode::unsupported, "use_qalora");
  fails(",\"layer_replication\":[[0,4]]", ErrorCode::unsupported, "layer_replication");
  fails(",\"init_lora_weights\":\"pissa_niter_4\"", ErrorCode::unsupported, "pissa");
  CHECK(read(",\"init_lora_weights\":\"gaussian\",\"use_qalora\":false,\"layer_replication\":null,\"megatron_config\":{}"));
  const auto other = json::Document::parse(R"({"peft_type":"IA3"})", "f");
  CHECK(read_lora_config(other->root()).error().code == ErrorCode::unsupported);
  const auto none = json::Document::parse("{}", "f");
  CHECK(read_lora_config(none->root()).error().code == ErrorCode::damaged);
}
