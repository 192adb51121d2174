// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/selection.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

namespace {

/// The paths that remain, joined; or the error's code in brackets.
std::string chosen(const std::vector<std::string>& paths, const SelectionOptions& options = {}) {
  Listing listing{"o/n", "main", "c", {}};
  for (const std::string& path : paths) listing.files.push_back({path, 10 + paths.size(), {}, {}, {}});
  if (const auto status = select_files(listing, options); !status) return "[" + std::to_string(status.error().exit_code()) + "]";
  std::string out;
  for (const RemoteFile& file : listing.files) out += (out.empty() ? "" : " ") + file.path;
  return out;
}

}  // namespace

TEST_CASE("by default what inference needs") {
  CHECK(chosen({".gitattributes", "README.md", "config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5", "original/x.pth",
                "figure.png", "1_Pooling/config.json", "onnx/model.onnx"}) ==
        "README.md config.json model.safetensors 1_Pooling/config.json");
  CHECK(chosen({"config.json", "pytorch_model.bin"}) == "config.json pytorch_model.bin");
  CHECK(chosen({"consolidated.safetensors", "model-00001-of-00001.safetensors"}) == "model-00001-of-00001.safetensors");
  CHECK(chosen({"consolidated.safetensors"}) == "consolidated.safetensors");
  CHECK(chosen({"tensor-cache.json", "params_shard_0.bin"}) == "tensor-cache.json params_shard_0.bin");
  CHECK(chosen({"picture.png"}) == "[4]");
  CHECK(chosen({}).empty());
}

TEST_CASE("one GGUF file of several") {
  const std::vector<std::string> many{
      "m-Q2_K.gguf",     "m-Q4_K_M.gguf",  "m-Q4_K_S.gguf", "m.Q8_0-00001-of-00002.gguf", "m.Q8_0-00002-of-00002.gguf",
      "mmproj-f16.gguf", "m.imatrix.gguf", "README.md"};
  CHECK(chosen(many) == "m-Q4_K_M.gguf README.md");
  CHECK(chosen(many, {.files = {}, .include = {}, .exclude = {}, .quant = "q8_0"}) ==
        "m.Q8_0-00001-of-00002.gguf m.Q8_0-00002-of-00002.gguf README.md");
  CHECK(chosen(many, {.files = {}, .include = {}, .exclude = {}, .quant = "Q4_K"}) == "[4]");
  CHECK(chosen({"a.gguf", "model.safetensors"}) == "model.safetensors");
  CHECK(chosen({"a-F16.gguf", "model.safetensors", "config.json"}, {.files = {}, .include = {}, .exclude = {}, .quant = "F16"}) ==
        "a-F16.gguf config.json");
  CHECK(chosen({"Q6_K/m.gguf", "BF16/m.gguf"}) == "Q6_K/m.gguf");
}

TEST_CASE("what is asked for") {
  const std::vector<std::string> files{"a.json", "b.bin", "sub/c.txt", "sub/d.txt", "model.safetensors"};
  CHECK(chosen(files, {.files = {"b.bin"}, .include = {}, .exclude = {}, .quant = {}}) == "b.bin");
  CHECK(chosen(files, {.files = {"sub/"}, .include = {}, .exclude = {"*d*xt"}, .quant = {}}) == "sub/c.txt");
  CHECK(chosen(files, {.files = {}, .include = {"*.txt", "a*"}, .exclude = {}, .quant = {}}) == "a.json sub/c.txt sub/d.txt");
  CHECK(chosen(files, {.files = {}, .include = {}, .exclude = {"sub/*"}, .quant = {}}) == "a.json model.safetensors");
  CHECK(chosen(files, {.files = {"*.json"}, .include = {}, .exclude = {}, .quant = {}}) == "[4]");
  CHECK(chosen(files, {.files = {}, .include = {"*.gguf"}, .exclude = {}, .quant = {}}) == "[4]");
  CHECK(chosen(files, {.files = {}, .include = {}, .exclude = {"*.gguf"}, .quant = {}}) == "[4]");
  CHECK(chosen(files, {.files = {"a.json"}, .include = {}, .exclude = {"*"}, .quant = {}}) == "[4]");
  CHECK(is_pickle("x/Model.PTH"));
  CHECK(!is_pickle("model.safetensors"));
}
