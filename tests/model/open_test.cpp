// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/open_families.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "model/exported.hpp"
#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;
namespace fs = std::filesystem;

namespace {

/// Opening must fail so, and say this.
void refused(const fs::path& path, ErrorCode code, std::string_view says, const Options& options = {}) {
  const auto opened = model::open(path, options);
  REQUIRE_FALSE(opened);
  INFO(opened.error().message());
  CHECK(opened.error().code == code);
  CHECK(opened.error().message().find(says) != std::string::npos);
}

}  // namespace

TEST_CASE("a family is found by its model_type, and Llama's stands in for an unknown one") {
  const auto name_of = [](std::string_view model_type) { return with_family(model_type, [&]<class F>() { return std::string{F::name}; }); };
  CHECK(name_of("llama") == "llama");
  CHECK(name_of("qwen2") == "qwen2");
  CHECK(name_of("qwen3") == "qwen3");
  for (const std::string& name : {std::string{"mamba"}, std::string{"Llama"}, std::string{}, std::string(10000, 'x')})
    CHECK(name_of(name) == "llama");
}

TEST_CASE("a model_type that nobody knows runs as Llama where all tensors are there, and says so") {
  const TemporaryDirectory temporary;
  const TinyModel tiny;
  const auto tokens = random_tokens(20, tiny.shape.vocabulary);
  const auto expected = logits_of(*open_model(write_checkpoint(temporary.path() / "llama", tiny), reference_mode), tokens);
  const auto other = write_checkpoint(temporary.path() / "other", {.model_type = "my_own"});
  std::vector<std::string> notes;
  Options options = reference_mode;
  options.note = [&](std::string_view note) { notes.emplace_back(note); };
  CHECK(same_bits(logits_of(*open_model(other, options), tokens), expected));
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].find("\"my_own\"") != std::string::npos);
  CHECK(notes[0].find("llama") != std::string::npos);

  TinyTensors without = tiny.tensors();
  without.erase("model.layers.1.mlp.up_proj.weight");
  without.erase("model.norm.weight");
  TinyModel mamba;
  mamba.model_type = "mamba";
  const auto lacking = write_checkpoint(temporary.path() / "mamba", mamba.config_json(), without);
  refused(lacking, ErrorCode::unsupported, "\"mamba\"");
  refused(lacking, ErrorCode::unsupported, "model.layers.1.mlp.up_proj.weight");
  refused(lacking, ErrorCode::unsupported, "model.norm.weight");
  mamba.model_type = std::string(10000, 'x');
  const auto opened = model::open(write_checkpoint(temporary.path() / "long", mamba.config_json(), without), {});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message().size() < 1000);
}

TEST_CASE("a directory, its config.json, a package, its config.json and a GGUF file open alike") {
  const TemporaryDirectory temporary;
  const Golden golden = read_golden("llama");
  const auto expected = logits_of(*open_model(golden.path, reference_mode), golden.tokens);
  static_cast<void>(export_model(golden.path, temporary.path() / "p", uniform(quant::f32)));
  std::ofstream{temporary.path() / "p" / "config.json"} << "{}";
  for (const fs::path& path : {golden.path / "config.json", temporary.path() / "p", temporary.path() / "p" / "config.json"}) {
    CAPTURE(path.string());
    CHECK(same_bits(logits_of(*open_model(path, reference_mode), golden.tokens), expected));
  }
  const auto gguf = open_model(fs::path{INGOT_GOLDEN_DIR} / "checkpoint" / "llama.gguf", reference_mode);
  const auto directory = open_model(fs::path{INGOT_GOLDEN_DIR} / "checkpoint" / "llama", reference_mode);
  CHECK(gguf->config().shape == directory->config().shape);
}

TEST_CASE("end tokens are those of both configurations") {
  const auto config = read_model_config(TinyModel{}.config_json(), R"({"eos_token_id":[7,2]})", "m");
  REQUIRE(config);
  CHECK(config->eos == std::vector<std::int32_t>{2, 7});
  CHECK_FALSE(read_model_config(TinyModel{}.config_json(), "{", "m"));
  CHECK_FALSE(read_model_config("", "", "m"));
  CHECK_FALSE(read_model_config(R"({"hidden_size":64})", "", "m"));

  const TemporaryDirectory temporary;
  const auto from = write_checkpoint(temporary.path() / "m", TinyModel{});
  std::ofstream{from / "generation_config.json"} << R"({"eos_token_id":[9]})";
  CHECK(open_model(from, {.threads = 1})->config().eos == std::vector<std::int32_t>{2, 9});
  static_cast<void>(export_model(from, temporary.path() / "p", uniform(quant::f32)));
  CHECK(open_model(temporary.path() / "p", {.threads = 1})->config().eos == std::vector<std::int32_t>{2, 9});
}

TEST_CASE("what cannot be opened says why, with the file and the tensor") {
  const TemporaryDirectory temporary;
  const TinyModel tiny;
  refused(temporary.path() / "absent", ErrorCode::not_found, "absent");
  refused(temporary.path(), ErrorCode::not_found, "config.json");
  refused(golden_models / "llama", ErrorCode::usage, "\"neon99\"", {.isa = "neon99"});

  TinyTensors tensors = tiny.tensors();
  tensors.erase("model.layers.1.self_attn.v_proj.weight");
  auto directory = write_checkpoint(temporary.path() / "missing", tiny.config_json(), tensors);
  refused(directory, ErrorCode::damaged, "model.layers.1.self_attn.v_proj.weight");
  refused(directory, ErrorCode::damaged, "missing");

  tensors = tiny.tensors();
  tensors["model.norm.weight"].shape = {1, 64};
  directory = write_checkpoint(temporary.path() / "shape", tiny.config_json(), tensors);
  refused(directory, ErrorCode::damaged, "model.norm.weight");
  refused(directory, ErrorCode::damaged, "[1, 64]");

  TinyModel larger;
  larger.shape.layers = 3;
  directory = write_checkpoint(temporary.path() / "layers", larger.config_json(), tiny.tensors());
  refused(directory, ErrorCode::damaged, "model.layers.2.");

  larger = {};
  larger.shape.hidden = 1u << 20, larger.shape.heads = 4096, larger.shape.head_dim = 4096;  // nothing is allocated for it
  directory = write_checkpoint(temporary.path() / "huge", larger.config_json(), tiny.tensors());
  refused(directory, ErrorCode::damaged, "model.embed_tokens.weight");

  tensors = tiny.tensors();
  tensors["model.layers.0.mlp.gate_proj.weight"].values[64 * 3] = NAN;
  directory = write_checkpoint(temporary.path() / "nan", tiny.config_json(), tensors);
  refused(directory, ErrorCode::damaged, "model.layers.0.mlp.gate_proj.weight: row 3");
}

TEST_CASE("a package whose description was changed is refused") {
  const TemporaryDirectory temporary;
  const auto path = temporary.path() / "p";
  static_cast<void>(export_model(write_checkpoint(temporary.path() / "m", TinyModel{}), path, uniform(quant::f32)));
  const auto describe = [&](const TinyModel& tiny) { std::ofstream{path / "llm_config.json"} << tiny.config_json(); };
  TinyModel other;
  other.shape.intermediate = 96;
  describe(other);
  refused(path, ErrorCode::damaged, "gate_proj.weight");
  other = {};
  other.shape.layers = 7;
  describe(other);
  refused(path, ErrorCode::damaged, "model.layers.2.");
  describe({.model_type = "qwen3"});
  refused(path, ErrorCode::damaged, "q_norm.weight");
  std::ofstream{path / "llm_config.json"} << "{\"model_type\":";
  refused(path, ErrorCode::damaged, "llm_config.json");
}
