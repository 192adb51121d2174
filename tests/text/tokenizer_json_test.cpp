// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_json.hpp>

#include <ingot/text/tokenizer.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
std::string document(std::string_view model, std::string_view rest = "") {
  return R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2}, )" + std::string{model} + "}" + std::string{rest} + "}";
}
}  // namespace

TEST_CASE("merges as texts and as pairs") {
  for (const std::string_view merges : {R"("merges":["a b"])", R"("merges":[["a","b"]])", R"("merges":["#version: 0.2","a b"])"}) {
    const auto definition = read_tokenizer_json(document(merges));
    REQUIRE(definition);
    REQUIRE(definition->merges.size() == 1);
    CHECK(definition->merges[0].result == 2);
    CHECK(Tokenizer::create(*definition)->encode("abb")->size() == 2);
  }
}

TEST_CASE("a model without a type that has merges is BPE") {
  CHECK(read_tokenizer_json(R"({"model":{"vocab":{"a":0},"merges":[]}})"));
  CHECK(read_tokenizer_json(R"({"model":{"vocab":{"a":0}}})").error().code == ErrorCode::unsupported);
}

TEST_CASE("what is malformed is damaged, and the key is named") {
  struct Case {
    std::string text;
    std::string_view named;
  };
  const Case cases[] = {
      {"", "JSON"},
      {"{}", "model"},
      {R"({"model":{"type":"BPE","vocab":{"a":0}}})", "merges"},
      {R"({"model":{"type":"BPE","merges":[]}})", "vocab"},
      {R"({"model":{"type":"BPE","vocab":{},"merges":[]}})", "vocab"},
      {R"({"model":{"type":"BPE","vocab":["a"],"merges":[]}})", "vocab"},
      {R"({"model":{"type":"BPE","vocab":{"a":"0"},"merges":[]}})", "a"},
      {R"({"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}})", "a"},
      {R"({"model":{"type":"BPE","vocab":{"a":4294967295},"merges":[]}})", "a"},
      {R"({"model":{"type":"BPE","vocab":{"a":16000000},"merges":[]}})", "vocab"},
      {R"({"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}})", "id 0"},
      {document(R"("merges":["a"])"), "merge 0"},
      {document(R"("merges":["a b c"])"), "merge 0"},
      {document(R"("merges":["a b",["a"]])"), "merge 1"},
      {document(R"("merges":["a b",["a","b","b"]])"), "merge 1"},
      {document(R"("merges":["a b","b a"])"), "merge 1"},
      {document(R"("merges":[3])"), "merges"},
      {document(R"("merges":{})"), "array"},
      {document(R"("merges":[],"fuse_unk":3)"), "fuse_unk"},
      {document(R"("merges":[])", R"(,"added_tokens":[{"id":1}])"), "content"},
      {document(R"("merges":[])", R"(,"added_tokens":{})"), "array"},
      {std::string(100, '['), "JSON"},
  };
  for (const auto& [json, named] : cases) {
    const std::string& text = json;  // INFO captures it, which Clang 14 does not allow for a structured binding
    INFO(text);
    const auto definition = read_tokenizer_json(text);
    REQUIRE(!definition);
    CHECK(definition.error().code == ErrorCode::damaged);
    INFO(definition.error().message());
    CHECK(definition.error().message().find(named) != std::string::npos);
  }
}

TEST_CASE("models of no known type are named") {
  const auto definition = read_tokenizer_json(R"({"model":{"type":"Oracle","vocab":[]}})");
  REQUIRE(!definition);
  CHECK(definition.error().code == ErrorCode::unsupported);
  CHECK(definition.error().message().find("Oracle") != std::string::npos);
}
