// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/source.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <checkpoint/gguf_builder.hpp>
#include <ingot/checkpoint/decode.hpp>
#include <support/temporary_directory.hpp>

using namespace ingot;
namespace fs = std::filesystem;

namespace {
const fs::path golden = INGOT_GOLDEN_DIR "/checkpoint";

std::vector<float> decoded(const checkpoint::TensorInfo& tensor) {
  std::vector<float> values(tensor.elements());
  REQUIRE(checkpoint::decode_rows(tensor, 0, tensor.rows(), values));
  return values;
}
std::string error_of(const fs::path& path, ErrorCode code) {
  const auto opened = checkpoint::open(path);
  REQUIRE(!opened);
  CHECK(opened.error().code == code);
  return opened.error().message();
}
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("a directory and the GGUF made of it hold the same tensors under the same names") {
  const auto directory = checkpoint::open(golden / "llama"), file = checkpoint::open(golden / "llama.gguf");
  REQUIRE(directory);
  REQUIRE(file);
  CHECK(directory->tensors.size() == 26);
  for (const checkpoint::TensorInfo& tensor : directory->tensors) {
    INFO(tensor.name);
    const auto* other = file->tensors.find(tensor.name);
    REQUIRE(other != nullptr);
    CHECK(other->shape == tensor.shape);
    CHECK(decoded(*other) == decoded(tensor));
    if (tensor.shape.size() == 2 && tensor.rows() > 3) {  // rows from the middle take the same way
      std::vector<float> ours(2 * tensor.columns()), theirs(ours.size());
      REQUIRE(checkpoint::decode_rows(tensor, 1, 3, ours));
      REQUIRE(checkpoint::decode_rows(*other, 1, 3, theirs));
      CHECK(ours == theirs);
    }
  }
  CHECK(!file->tensors.find("model.layers.1.self_attn.k_proj.weight")->permutation.is_identity());
  CHECK(directory->directory == golden / "llama");
  CHECK(file->directory == golden);
  CHECK(!directory->gguf);
  CHECK(file->gguf->strings("tokenizer.ggml.tokens")->size() == 20);
  CHECK(contains(*directory->generation_config_json, "[2, 3]"));
  CHECK(checkpoint::open(golden / "llama" / "config.json")->tensors.size() == 26);
}

TEST_CASE("the ways a directory may be filled") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path();
  const std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  const std::string one = std::string{static_cast<char>(header.size())} + std::string(7, '\0') + header + "x";
  CHECK(contains(error_of(path, ErrorCode::not_found), "config.json"));
  directory.write("config.json", "{}");
  CHECK(contains(error_of(path, ErrorCode::not_found), "no weights"));
  directory.write("pytorch_model.bin", "");
  CHECK(contains(error_of(path, ErrorCode::unsupported), "safetensors"));
  directory.write("some.safetensors", one);
  CHECK(checkpoint::open(path)->tensors.size() == 1);
  directory.write("other.safetensors", one);
  CHECK(contains(error_of(path, ErrorCode::not_found), "several"));
  directory.write("model.safetensors", one);
  CHECK(checkpoint::open(path)->tensors.size() == 1);
  directory.write("model.safetensors.index.json", "{");
  CHECK(contains(error_of(path, ErrorCode::damaged), "model.safetensors.index.json"));
}

TEST_CASE("a directory with one GGUF file and no configuration") {
  const test::TemporaryDirectory directory;
  fs::copy_file(golden / "llama.gguf", directory.path() / "a.gguf");
  CHECK(checkpoint::open(directory.path())->gguf);
  fs::copy_file(golden / "llama.gguf", directory.path() / "b.gguf");
  error_of(directory.path(), ErrorCode::not_found);
}

TEST_CASE("things that are no checkpoint") {
  const test::TemporaryDirectory directory;
  CHECK(contains(error_of(directory.path() / "none", ErrorCode::not_found), "none"));
  CHECK(contains(error_of(directory.write("notes.txt", "hello there"), ErrorCode::damaged), "no GGUF file"));
  CHECK(contains(error_of(directory.write("w.safetensors", ""), ErrorCode::unsupported), "directory"));
  CHECK(contains(error_of(golden / "v2.gguf", ErrorCode::damaged), "qwen2.attention.head_count"));
}

TEST_CASE("checkpoints in forms that cannot be read yet are named") {
  const test::TemporaryDirectory directory;
  directory.write("config.json", R"({"quantization_config":{"quant_method":"bitsandbytes","bits":4}})");
  CHECK(contains(error_of(directory.path(), ErrorCode::unsupported), "bitsandbytes"));
  directory.write("config.json", R"({"quantization_config":)");
  CHECK(contains(error_of(directory.path(), ErrorCode::damaged), "config.json"));
  const auto part = directory.write("a-00001-of-00002.gguf", test::GgufBuilder{}.add("split.count", 2u).file(0));
  CHECK(contains(error_of(part, ErrorCode::unsupported), "split into 2 files"));
}

TEST_CASE("configurations of absurd size are not read") {
  const test::TemporaryDirectory directory;
  fs::resize_file(directory.write("config.json", "{"), (std::size_t{16} << 20) + 1);
  CHECK(contains(error_of(directory.path(), ErrorCode::damaged), "too large"));
}
