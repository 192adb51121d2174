// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/read_text.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/generation/add_text.hpp>

#include "checkpoint/gguf_builder.hpp"
#include "generation/tiny_text.hpp"

using namespace ingot;
using namespace ingot::generation;
using namespace ingot::test;
namespace fs = std::filesystem;

namespace {

using Tokens = std::vector<std::int32_t>;

TextAssets opened(const fs::path& path) {
  auto assets = open_text(path);
  INFO((assets ? std::string{} : assets.error().message()));
  REQUIRE(assets);
  return *std::move(assets);
}

void refused(const fs::path& path, ErrorCode code, std::string_view says) {
  const auto assets = open_text(path);
  REQUIRE_FALSE(assets);
  INFO(assets.error().message());
  CHECK(assets.error().code == code);
  CHECK(assets.error().message().find(says) != std::string::npos);
}

/// The vocabulary of the tiny tokenizer as a GGUF file holds it.
GgufBuilder tiny_gguf() {
  std::string tokens, types;
  const auto add = [&](std::string_view spelling, std::int32_t type) {
    tokens += GgufBuilder::string(spelling);
    types += GgufBuilder::number(type);
  };
  for (int byte = 0; byte < 256; ++byte) {
    std::string spelling;
    text::byte_level::append_encoded(spelling, std::string(1, static_cast<char>(byte)));
    add(spelling, 1);
  }
  add("he", 1);
  for (const char* special : {"<|im_start|>", "<|im_end|>", "<|endoftext|>"}) add(special, 3);
  GgufBuilder gguf;
  gguf.add("general.architecture", "llama").add("tokenizer.ggml.model", "gpt2").add("tokenizer.ggml.pre", "gpt-2");
  gguf.add_array("tokenizer.ggml.tokens", checkpoint::GgufType::string, 260, tokens);
  gguf.add_array("tokenizer.ggml.token_type", checkpoint::GgufType::i32, 260, types);
  gguf.add_array("tokenizer.ggml.merges", checkpoint::GgufType::string, 1, GgufBuilder::string("h e"));
  return gguf;
}

}  // namespace

TEST_CASE("a directory, its files and its config.json give the same tokenizer and template") {
  const TemporaryDirectory temporary;
  write_tiny_tokenizer(temporary.path());
  temporary.write("config.json", "{}");
  for (const char* name : {"", "tokenizer.json", "config.json"}) {
    CAPTURE(name);
    const TextAssets assets = opened(*name == '\0' ? temporary.path() : temporary.path() / name);
    CHECK(*assets.tokenizer.encode("<|im_start|>he!", false) == Tokens{im_start, 256, '!'});
    CHECK(assets.chat_template == chat_ml);
    CHECK(assets.end_tokens == Tokens{end_of_text});
    CHECK(assets.eos_token() == "<|endoftext|>");
    CHECK(assets.bos_token().empty());
    CHECK(assets.originals.size() == 2);
  }
}

TEST_CASE("the template: its own file first, then chat_template.json, then tokenizer_config.json") {
  const TemporaryDirectory temporary;
  write_tiny_tokenizer(temporary.path(), "from the config");
  CHECK(opened(temporary.path()).chat_template == "from the config");
  temporary.write("chat_template.json", R"({"chat_template":"from json"})");
  CHECK(opened(temporary.path()).chat_template == "from json");
  temporary.write("chat_template.jinja", "from jinja");
  CHECK(opened(temporary.path()).chat_template == "from jinja");

  write_tiny_tokenizer(temporary.path(), "");
  fs::remove(temporary.path() / "chat_template.json");
  fs::remove(temporary.path() / "chat_template.jinja");
  CHECK(opened(temporary.path()).chat_template.empty());
  temporary.write("tokenizer_config.json", R"({"chat_template":[{"name":"tool_use","template":"t"},{"name":"default","template":"d"}]})");
  CHECK(opened(temporary.path()).chat_template == "d");
  temporary.write("tokenizer_config.json", R"({"chat_template":[{"name":"rag","template":"r"},{"name":"tool_use","template":"t"}]})");
  CHECK(opened(temporary.path()).chat_template == "r");
  for (const char* damaged :
       {R"({"chat_template":7})", R"({"chat_template":[{"name":"default"}]})", R"({"chat_template":[7]})", "{\"chat"}) {
    temporary.write("tokenizer_config.json", damaged);
    refused(temporary.path(), ErrorCode::damaged, "tokenizer_config.json");
  }
}

TEST_CASE("what is not there or damaged is named") {
  const TemporaryDirectory temporary;
  refused(temporary.path(), ErrorCode::not_found, temporary.path().string());
  refused(temporary.path() / "absent", ErrorCode::not_found, "absent");
  temporary.write("tokenizer.json", "{\"model\":");
  refused(temporary.path(), ErrorCode::damaged, "tokenizer.json");
  temporary.write("tokenizer.json", R"({"model":{"type":"BPE","vocab":{"a":0}}})");
  refused(temporary.path(), ErrorCode::damaged, "merges");
  temporary.write("tokenizer.bin", "not an image");
  refused(temporary.path(), ErrorCode::damaged, "tokenizer.bin");
}

TEST_CASE("what goes into a package comes out of it alike") {
  const TemporaryDirectory from, to;
  write_tiny_tokenizer(from.path());
  const TextAssets assets = opened(from.path());
  std::vector<std::string> names;
  const auto write = [&](std::string_view name, std::string_view contents) -> Status {
    names.emplace_back(name);
    to.write(std::string{name}, contents);
    return {};
  };
  REQUIRE(add_text(assets, write));
  CHECK(names == std::vector<std::string>{"tokenizer.bin", "chat_template.jinja", "tokenizer.json", "tokenizer_config.json"});
  CHECK(read_file(to.path() / "tokenizer.json") == read_file(from.path() / "tokenizer.json"));

  fs::remove(to.path() / "tokenizer.json");  // the image alone suffices
  fs::remove(to.path() / "tokenizer_config.json");
  const TextAssets again = opened(to.path());
  CHECK(again.chat_template == assets.chat_template);
  CHECK(again.end_tokens == assets.end_tokens);
  for (const char* text : {"", "he said\n", "h\xc3\xa9 <|im_end|>", "\xff\xfe"})
    CHECK(*again.tokenizer.encode(text, true) == *assets.tokenizer.encode(text, true));

  const auto failing = add_text(assets, [](std::string_view, std::string_view) -> Status {
    return Error{ErrorCode::disk, "full", {}, {}};
  });
  REQUIRE_FALSE(failing);
  CHECK(failing.error().code == ErrorCode::disk);
}

TEST_CASE("every kind of vocabulary, by its directory and by its file, as read and as exported") {
  struct Source {
    std::vector<std::pair<const char*, std::string>> files;
    Tokens ids;  // of "ab"
  };
  const auto piece = [](const std::string& text, char type) {
    const std::string inner =
        std::string{"\x0a"} + static_cast<char>(text.size()) + text + std::string{"\x15\x00\x00\x80\xbf\x18", 6} + type;
    return std::string{"\x0a"} + static_cast<char>(inner.size()) + inner;
  };
  const std::string pieces = piece("<unk>", 2) + piece("\u2581", 1) + piece("a", 1) + piece("b", 1);
  const std::string ranks = "YQ== 0\nYg== 1\nYWI= 2\n", vocabulary = R"({"a":0,"b":1,"ab":2})", config = R"({"eos_token":"<|endoftext|>"})";
  for (const Source& source :
       {Source{{{"tokenizer.model", pieces}, {"tokenizer_config.json", R"({"add_eos_token":false})"}}, {1, 2, 3}},
        Source{{{"spiece.model", pieces}}, {1, 2, 3}}, Source{{{"tokenizer.model", ranks}, {"tokenizer_config.json", config}}, {3, 2}},
        Source{{{"qwen.tiktoken", ranks}, {"added_tokens.json", R"({"<x>":9})"}}, {2}},
        Source{{{"vocab.json", vocabulary}, {"merges.txt", "#version: 0.2\na b\n"}, {"tokenizer_config.json", config}}, {2}}}) {
    const TemporaryDirectory from, to;
    for (const auto& [name, contents] : source.files) from.write(name, contents);
    const char* const first = source.files[0].first;
    CAPTURE(first);
    for (const fs::path& path : {from.path(), from.path() / first}) {
      const TextAssets assets = opened(path);
      CHECK(*assets.tokenizer.encode("ab") == source.ids);
      CHECK(assets.originals.size() == source.files.size());
      REQUIRE(add_text(assets, [&](std::string_view name, std::string_view contents) -> Status {
        to.write(std::string{name}, contents);
        return {};
      }));
    }
    CHECK(*opened(to.path()).tokenizer.encode("ab") == source.ids);  // tokenizer.bin comes first
    fs::remove(to.path() / "tokenizer.bin");
    CHECK(*opened(to.path()).tokenizer.encode("ab") == source.ids);
    write_tiny_tokenizer(from.path());  // a tokenizer.json comes before the others
    CHECK(*opened(from.path()).tokenizer.encode("he") == Tokens{256});
  }
}

TEST_CASE("a pair of which one file is missing, and files of no kind, are named") {
  const TemporaryDirectory temporary;
  temporary.write("vocab.json", R"({"a":0})");
  refused(temporary.path(), ErrorCode::not_found, "vocab.json with merges.txt");
  refused(temporary.path() / "vocab.json", ErrorCode::not_found, "merges.txt");
  temporary.write("tokenizer.model", "what is this");
  refused(temporary.path(), ErrorCode::damaged, "tokenizer.model");
  temporary.write("tokenizer.model", "\n\x7f");
  refused(temporary.path(), ErrorCode::damaged, "tokenizer.model");
}

TEST_CASE("a GGUF file has tokenizer, template and end tokens in its metadata") {
  const TemporaryDirectory temporary;
  GgufBuilder gguf = tiny_gguf();
  gguf.add("tokenizer.ggml.eos_token_id", std::uint32_t{end_of_text}).add("tokenizer.ggml.eot_token_id", std::uint32_t{im_end});
  gguf.add("tokenizer.chat_template", chat_ml);
  const fs::path path = temporary.write("model.gguf", gguf.file(0));
  for (const fs::path& place : {path, temporary.path()}) {  // the file, or the directory that holds just it
    const TextAssets assets = opened(place);
    CHECK(*assets.tokenizer.encode("<|im_start|>he!", false) == Tokens{im_start, 256, '!'});
    CHECK(assets.chat_template == chat_ml);
    CHECK(assets.end_tokens == Tokens{end_of_text, im_end});
    CHECK(assets.originals.empty());
  }
}

TEST_CASE("GGUF metadata that make no tokenizer are errors that name the file") {
  const TemporaryDirectory temporary;
  const auto check = [&](const GgufBuilder& gguf, ErrorCode code, std::string_view says) {
    refused(temporary.write("model.gguf", gguf.file(0)), code, says);
  };
  check(GgufBuilder{}.add("general.architecture", "llama"), ErrorCode::not_found, "model.gguf");
  check(GgufBuilder{}.add("tokenizer.ggml.model", std::uint32_t{1}), ErrorCode::damaged, "tokenizer.ggml.model");
  check(GgufBuilder{}.add("tokenizer.ggml.model", "gpt2"), ErrorCode::damaged, "tokenizer.ggml.tokens");
  check(GgufBuilder{}.add("tokenizer.ggml.model", "gpt2").add("tokenizer.ggml.tokens", "no list"), ErrorCode::damaged,
        "tokenizer.ggml.tokens");
  GgufBuilder wrong_end = tiny_gguf();
  wrong_end.add("tokenizer.ggml.eos_token_id", "two");
  check(wrong_end, ErrorCode::damaged, "tokenizer.ggml.eos_token_id");
  GgufBuilder far_end = tiny_gguf();
  far_end.add("tokenizer.ggml.eos_token_id", std::uint32_t{1000000});
  check(far_end, ErrorCode::damaged, "model.gguf");
  GgufBuilder wrong_turn = tiny_gguf();
  wrong_turn.add("tokenizer.ggml.eot_token_id", 1.5f);
  check(wrong_turn, ErrorCode::damaged, "tokenizer.ggml.eot_token_id");
  GgufBuilder no_template = tiny_gguf();
  no_template.add("tokenizer.chat_template", std::uint32_t{5});
  check(no_template, ErrorCode::damaged, "tokenizer.chat_template");
}
