// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/open_text.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

using namespace ingot;
using generation::open_text;
using Ids = std::vector<std::int32_t>;

namespace {

constexpr std::string_view tokenizer_json =
    R"({"added_tokens":[{"id":3,"content":"<s>","special":true},{"id":4,"content":"</s>","special":true}],"decoder":{"type":"Fuse"},
        "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}})";
constexpr std::string_view config_json =
    R"({"tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":"</s>","chat_template":[{"name":"tool_use","template":"tools"},{"name":"default","template":"{{ messages }}"}]})";

/// A GGUF file without tensors.
class GgufText {
 public:
  GgufText& text(std::string_view key, std::string_view value) { return entry(key, 8).string(value); }
  GgufText& number(std::string_view key, std::uint32_t value) { return entry(key, 4).raw(value); }
  GgufText& texts(std::string_view key, const std::vector<std::string_view>& values) {
    entry(key, 9).raw(std::uint32_t{8}).raw(std::uint64_t{values.size()});
    for (const auto value : values) string(value);
    return *this;
  }
  GgufText& numbers(std::string_view key, const std::vector<std::int32_t>& values) {
    entry(key, 9).raw(std::uint32_t{5}).raw(std::uint64_t{values.size()});
    for (const auto value : values) raw(value);
    return *this;
  }
  [[nodiscard]] std::string str() const {
    GgufText file;
    file.bytes_ = "GGUF";
    file.raw(std::uint32_t{3}).raw(std::uint64_t{0}).raw(entries_);
    return file.bytes_ + bytes_;
  }

 private:
  GgufText& entry(std::string_view key, std::uint32_t type) {
    ++entries_;
    return string(key).raw(type);
  }
  GgufText& string(std::string_view value) {
    raw(std::uint64_t{value.size()});
    bytes_ += value;
    return *this;
  }
  template <class T>
  GgufText& raw(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  std::string bytes_;
  std::uint64_t entries_ = 0;
};

GgufText sample_gguf() {
  GgufText gguf;
  gguf.text("tokenizer.ggml.model", "gpt2")
      .text("tokenizer.ggml.pre", "gpt-2")
      .texts("tokenizer.ggml.tokens", {"a", "b", "ab", "<s>", "<e>"});
  gguf.numbers("tokenizer.ggml.token_type", {1, 1, 1, 3, 3})
      .texts("tokenizer.ggml.merges", {"a b"})
      .number("tokenizer.ggml.bos_token_id", 3);
  gguf.number("tokenizer.ggml.eos_token_id", 4).number("tokenizer.ggml.eot_token_id", 3).text("tokenizer.chat_template", "{{ x }}");
  return gguf;
}

}  // namespace

TEST_CASE("a checkpoint directory, its files, and the package made of it") {
  const test::TemporaryDirectory checkpoint, package;
  checkpoint.write("tokenizer.json", tokenizer_json);
  checkpoint.write("tokenizer_config.json", config_json);
  checkpoint.write("config.json", "{}");
  for (const char* name : {"", "config.json", "tokenizer.json"}) {
    const auto assets = open_text(checkpoint.path() / name);
    REQUIRE(assets);
    CHECK(*assets->tokenizer.encode("abb") == Ids{3, 2, 1});
    CHECK(assets->tokenizer.adds_bos());
    CHECK(assets->chat_template == "{{ messages }}");
    CHECK((assets->bos_token() == "<s>" && assets->eos_token() == "</s>" && assets->end_tokens == Ids{4}));
  }
  const auto assets = open_text(checkpoint.path());
  REQUIRE(generation::add_text(*assets, [&](std::string_view name, std::string_view bytes) -> Status {
    package.write(std::string{name}, bytes);
    return {};
  }));
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"})
    CHECK(std::filesystem::exists(package.path() / name));
  std::filesystem::remove(package.path() / "tokenizer.json");  // tokenizer.bin is enough
  const auto exported = open_text(package.path());
  REQUIRE(exported);
  CHECK(*exported->tokenizer.encode("abb</s>") == Ids{3, 2, 1, 4});
  CHECK((exported->chat_template == "{{ messages }}" && exported->eos_token() == "</s>"));
}

TEST_CASE("a GGUF file, alone or in a directory") {
  const test::TemporaryDirectory directory;
  const auto path = directory.write("model.gguf", sample_gguf().str());
  for (const auto& place : {path, directory.path()}) {
    const auto assets = open_text(place);
    REQUIRE(assets);
    CHECK(*assets->tokenizer.encode("ab<s>") == Ids{2, 3});
    CHECK((assets->chat_template == "{{ x }}" && assets->end_tokens == Ids{4, 3} && assets->originals.empty()));
  }
}

TEST_CASE("what is missing or malformed") {
  const test::TemporaryDirectory directory;
  CHECK(open_text(directory.path()).error().code == ErrorCode::not_found);
  CHECK(open_text(directory.path() / "none").error().code == ErrorCode::not_found);
  directory.write("tokenizer.json", "{");
  const auto broken = open_text(directory.path());
  REQUIRE(!broken);
  CHECK(broken.error().code == ErrorCode::damaged);
  CHECK(broken.error().message().find(directory.path().string()) != std::string::npos);
  directory.write("tokenizer.bin", "short");
  CHECK(open_text(directory.path()).error().code == ErrorCode::damaged);
  CHECK(open_text(directory.write("a.gguf", GgufText{}.text("general.name", "x").str())).error().code == ErrorCode::not_found);
  CHECK(open_text(directory.write("b.gguf", sample_gguf().number("tokenizer.ggml.scores", 1).str())).error().code == ErrorCode::damaged);
  CHECK(open_text(directory.write("c.gguf", GgufText{}.text("tokenizer.ggml.model", "gpt2").str())).error().code == ErrorCode::damaged);
}
