// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/gptq_overlay.hpp>

#include <filesystem>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <ingot/checkpoint/safetensors.hpp>

#include "checkpoint/tensor_file.hpp"
#include "support/temporary_directory.hpp"

using namespace ingot;
using namespace ingot::checkpoint;
using namespace ingot::test;
namespace fs = std::filesystem;

namespace {
const fs::path golden = INGOT_GOLDEN_DIR "/checkpoint/quantized";

/// Copies a case and puts `to` for `from` in its config.
fs::path changed_case(const fs::path& to, const std::string& name, std::string_view from, std::string_view by) {
  fs::create_directories(to);
  fs::copy(golden / name / "model.safetensors", to / "model.safetensors");
  std::string config = read_file(golden / name / "config.json");
  const std::size_t at = config.find(from);
  REQUIRE(at != config.npos);
  std::ofstream{to / "config.json"} << config.replace(at, from.size(), by);
  return to;
}
}  // namespace

TEST_CASE("quantized matrices replace the base's, zero points and column orders included; nothing else does") {
  const TemporaryDirectory directory;
  const FloatTensor norm = random_tensor({64}, 1), other = random_tensor({3, 64}, 2);
  const auto model = write_model(directory.path() / "m",
                                 {{"m.x_proj.weight", random_tensor({24, 64}, 3)}, {"m.norm.weight", norm}, {"m.y_proj.weight", other}});
  for (const char* name : {"gptq", "gptq-sym", "gptq-order", "gptq-8bit-v2", "gptq-3bit", "pack-zeros"}) {
    INFO(name);
    auto base = open(model);
    REQUIRE(base);
    const auto status = overlay_gptq(*base, golden / name);
    REQUIRE_MESSAGE(status, status.error().message());
    CHECK(base->tensors.size() == 3);
    CHECK(decoded(*base->tensors.find("m.x_proj.weight")) ==
          decoded(*open_safetensors(golden / name / "expected.safetensors")->tensors.find("m.x_proj.weight")));
    CHECK(decoded(*base->tensors.find("m.norm.weight")) == norm.values);
    CHECK(decoded(*base->tensors.find("m.y_proj.weight")) == other.values);
  }
}

TEST_CASE("a base inside another model is found by the end of its names, and that is said") {
  const TemporaryDirectory directory;
  auto base = open(write_model(directory.path() / "m", {{"language_model.m.x_proj.weight", random_tensor({24, 64}, 3)}}));
  REQUIRE(base);
  std::string said;
  REQUIRE(overlay_gptq(*base, golden / "gptq", [&](std::string_view note) { said = note; }));
  CHECK(base->tensors.find("language_model.m.x_proj.weight")->values);
  CHECK(said.find("language_model.m.x_proj.weight") != std::string::npos);
}

TEST_CASE("AutoGPTQ's own file says what config.json does not") {
  const TemporaryDirectory directory;
  const auto old = changed_case(directory.path() / "old", "gptq", "quantization_config", "not_used");
  CHECK(open(old)->tensors.find("m.x_proj.weight") == nullptr);
  directory.write("old/quantize_config.json", R"({"bits": 4, "group_size": 32, "desc_act": false, "sym": false})");
  const auto opened = open(old);
  REQUIRE(opened);
  CHECK(decoded(*opened->tensors.find("m.x_proj.weight")) ==
        decoded(*open_safetensors(golden / "gptq" / "expected.safetensors")->tensors.begin()));
}

TEST_CASE("checkpoints of other models or forms are refused, and the base stays") {
  const TemporaryDirectory directory;
  std::size_t count = 0;
  const auto fails = [&](const FloatTensors& tensors, const fs::path& gptq, ErrorCode code, std::string_view what) {
    auto base = open(write_model(directory.path() / ("m" + std::to_string(count++)), tensors));
    REQUIRE(base);
    const auto status = overlay_gptq(*base, gptq);
    REQUIRE(!status);
    CHECK_MESSAGE(status.error().code == code, status.error().message());
    CHECK_MESSAGE(status.error().message().find(what) != std::string::npos, status.error().message());
    CHECK(base->tensors.size() == tensors.size());
  };
  const FloatTensors fits{{"m.x_proj.weight", random_tensor({24, 64}, 3)}};
  fails({{"m.z_proj.weight", random_tensor({24, 64}, 3)}}, golden / "gptq", ErrorCode::damaged, "no such matrix");
  fails({{"m.x_proj.weight", random_tensor({24, 32}, 3)}}, golden / "gptq", ErrorCode::damaged, "it is 24 x 64");
  fails(fits, golden / "awq", ErrorCode::unsupported, "AWQ");
  fails(fits, golden / "int8", ErrorCode::unsupported, "not of GPTQ");
  fails(fits, directory.path() / "m0", ErrorCode::unsupported, "no matrices quantized by GPTQ");
  fails(fits, directory.path() / "none", ErrorCode::not_found, "none");
  fails(fits, changed_case(directory.path() / "bits", "gptq-8bit-v2", "\"gptq\"", "\"quip\""), ErrorCode::unsupported, "quip");
  fails(fits, changed_case(directory.path() / "format", "gptq", "\"checkpoint_format\": \"gptq\"", "\"checkpoint_format\": \"bitblas\""),
        ErrorCode::unsupported, "bitblas");
  const auto words = [&](const char* bits) {  // codes of so many bits, without an order that would tell
    const fs::path to = directory.path() / bits;
    std::string file = read_file(golden / "gptq" / "model.safetensors");
    file[file.find("g_idx")] = 'x';
    changed_case(to, "gptq", "\"bits\": 4", std::string{"\"bits\": "} + bits);
    std::ofstream{to / "model.safetensors", std::ios::binary} << file;
    return to;
  };
  for (const std::string bits : {"1", "5", "16"}) fails(fits, words(bits.c_str()), ErrorCode::unsupported, "GPTQ in " + bits + " bits");
}
