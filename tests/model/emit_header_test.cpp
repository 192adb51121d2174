// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/emit_header.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/package_config.hpp>

#include "model/exported.hpp"
#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

struct Stored {
  std::string name;
  Role role;
  quant::Scheme scheme;
};
/// A report of matrices that have these schemes.
ExportReport report_of(const std::vector<Stored>& matrices) {
  ExportReport report;
  for (const auto& [name, role, scheme] : matrices) report.matrices.push_back({name, role, {scheme, 64, 64}, {}});
  return report;
}

Config llama_config() {
  Config config;
  config.model_type = "llama";
  config.shape = {.hidden = 64, .layers = 1, .heads = 2, .kv_heads = 1, .head_dim = 32, .intermediate = 96, .vocabulary = 100};
  return config;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("file names become identifiers") {
  CHECK(identifier("qwen3-0.6b") == "qwen3_0_6b");
  CHECK(identifier("SmolLM2") == "SmolLM2");
  CHECK(identifier("7b chat") == "model_7b_chat");
  CHECK(identifier("") == "model_");
  CHECK(identifier("\xc3\xa9!\"\n") == "_____");
}

TEST_CASE("the headers of exports are those that static_model_test.cpp compiles") {
  for (const std::string name : {"deepseek_v3", "lfm2", "mimo_v2_flash", "qwen3", "qwen3_next"}) {
    CAPTURE(name);
    const TemporaryDirectory temporary;
    const ExportReport report = export_model(golden_models / name, temporary.path() / "p",
                                             {.layers = {.bits = 4, .group = 32, .zero = Zero::min}, .head = {.bits = 8, .group = 32}});
    const auto package = quant::Package::open(temporary.path() / "p");
    REQUIRE(package);
    const auto config = read_package_config(*package);
    REQUIRE(config);
    const auto text = header_text(name + "_tiny", *config, report);
    REQUIRE(text);
    CHECK(*text == read_file(std::filesystem::path{INGOT_GOLDEN_DIR} / "static_model" / (name + "_tiny.hpp")));
  }
}

TEST_CASE("a tied head has the embedding's scheme, and every scheme its text") {
  const auto text =
      header_text("m", llama_config(),
                  report_of({{"model.embed_tokens.weight", Role::head, {.bits = 8, .group = 16, .scale = quant::Scale::nested}},
                             {"model.layers.0.self_attn.q_proj.weight", Role::query, quant::f32},
                             {"model.layers.0.self_attn.k_proj.weight", Role::key, quant::f16},
                             {"model.layers.0.self_attn.v_proj.weight", Role::value, quant::bf16},
                             {"model.layers.0.mlp.up_proj.weight", Role::up, quant::sparse_scheme({.bits = 4, .group = 32})},
                             {"model.layers.0.mlp.down_proj.weight", Role::down, {.bits = 4, .group = 0, .zero = Zero::min}}}));
  REQUIRE(text);
  CHECK(has(*text, "struct m {"));
  CHECK(has(*text, "families::Llama::traits"));
  CHECK(has(*text, ".vocabulary = 100}"));
  CHECK(has(*text, "case model::Role::head: return quant::Scheme{.bits = 8, .group = 16, .scale = quant::Scale::nested};"));
  CHECK(has(*text, "case model::Role::embedding: return quant::Scheme{.bits = 8, .group = 16, .scale = quant::Scale::nested};"));
  CHECK(has(*text, "case model::Role::query: return quant::f32;"));
  CHECK(has(*text, "case model::Role::key: return quant::f16;"));
  CHECK(has(*text, "case model::Role::value: return quant::bf16;"));
  CHECK(has(*text, "case model::Role::up: return quant::Scheme{.bits = 4, .group = 32, .sparsity = quant::Sparsity::two_of_four};"));
  CHECK(has(*text, "case model::Role::down: return quant::Scheme{.bits = 4, .group = 0, .zero = quant::Zero::min};"));
}

TEST_CASE("layers stored by different schemes have no exact-shape type") {
  const auto text = header_text("m", llama_config(),
                                report_of({{"model.layers.0.mlp.up_proj.weight", Role::up, {.bits = 4}},
                                           {"model.layers.1.mlp.up_proj.weight", Role::up, {.bits = 8}}}));
  REQUIRE_FALSE(text);
  CHECK(text.error().code == ErrorCode::unsupported);
  CHECK(has(text.error().message(), "up"));
  CHECK(has(text.error().message(), "model.layers.1.mlp.up_proj.weight"));
}

TEST_CASE("layers of different extents are listed") {
  Config uneven = llama_config();
  uneven.shape.layers = 2;
  uneven.extents.assign(2, uneven.shape);
  uneven.extents[1].intermediate = 64;
  const auto text = header_text("m", uneven, report_of({}));
  REQUIRE(text);
  CHECK(has(*text, "Shape extents[] = {\n"));
  CHECK(has(*text, ".intermediate = 96, .vocabulary = 100},\n"));
  CHECK(has(*text, ".intermediate = 64, .vocabulary = 100},\n"));
}

TEST_CASE("a role without a matrix has no scheme, and an encoder no head") {
  Config encoder = llama_config();
  const std::vector<Stored> embedding{{"model.embed_tokens.weight", Role::embedding, quant::bf16}};
  CHECK(has(*header_text("m", encoder, report_of(embedding)), "case model::Role::head: return quant::bf16;"));
  encoder.causal = false;
  const auto text = header_text("m", encoder, report_of(embedding));
  REQUIRE(text);
  CHECK_FALSE(has(*text, "case model::Role::head"));
  CHECK(has(*text, "default: return {.bits = 0};"));
}

TEST_CASE("a stranger's model_type stays within its literal") {
  Config config = llama_config();
  config.model_type = "a-1.x\"; int i = 0; //\\\n\xc3";
  const auto text = header_text("m", config, report_of({}));
  REQUIRE(text);
  CHECK(has(*text, R"(model_type = "a-1.x\042\073\040int\040i\040\075\0400\073\040\057\057\134\012\303";)"));
}

TEST_CASE("a mixture of experts has a type for each role") {
  Config config = llama_config();
  config.model_type = "qwen3_moe";
  config.shape.experts = 8, config.shape.experts_used = 2, config.shape.expert_width = 48;
  const auto text = header_text("m", config,
                                report_of({{"model.embed_tokens.weight", Role::head, {.bits = 8, .group = 32}},
                                           {"model.layers.0.mlp.router.weight", Role::router, quant::f32},
                                           {"model.layers.0.mlp.experts.3.up_proj.weight", Role::expert_up, {.bits = 4, .group = 32}}}));
  REQUIRE(text);
  CHECK(has(*text, "families::Qwen3Moe::traits"));
  CHECK(has(*text, ".experts = 8, .experts_used = 2, .expert_width = 48}"));
  CHECK(has(*text, "case model::Role::expert_up: return quant::Scheme{.bits = 4, .group = 32};"));
  CHECK(has(*text, "case model::Role::router: return quant::f32;"));
}
