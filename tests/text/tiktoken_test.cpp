// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tiktoken.hpp>

#include <algorithm>

#include <doctest/doctest.h>

#include "golden_cases.hpp"

using namespace ingot;
using namespace ingot::text;

namespace {
std::string member(const json::Value& value, std::string_view key) { return value.find(key) ? value.find(key)->dump() : std::string{}; }

Result<int> check_variants(const json::Value& root) {
  INGOT_TRY(const auto file, root.get<std::string>("file"));
  INGOT_TRY(const auto variants, root.at("variants"));
  int checked = 0;
  const auto check = [&](const json::Value& variant) -> Status {
    INGOT_TRY(const auto stem, variant.get<std::string>("stem"));
    const std::string config = member(variant, "config");
    INGOT_TRY(const auto definition, read_tiktoken(file, stem, {.config = config}));
    INGOT_TRY(const auto tokenizer, Tokenizer::create(definition));
    INGOT_TRY(const auto again, Tokenizer::open(tokenizer.image()));
    INGOT_TRY(const auto cases, variant.at("cases"));
    return cases.each_element([&](const json::Value& one) -> Status {
      INGOT_TRY(const auto listed, golden::listed_case(one));
      const auto& [texts, ids] = listed;
      const std::string& text = texts.back();
      INGOT_TRY(const auto got, tokenizer.encode(text));
      INGOT_TRY(const auto exported, again.encode(text));
      if (golden::show(got) != golden::show(ids))
        FAIL_CHECK(stem << ": " << text << ": expected " << golden::show(ids) << " got " << golden::show(got));
      CHECK(got == exported);
      ++checked;
      return {};
    });
  };
  INGOT_CHECK(variants.each_element(check));
  return checked;
}
}  // namespace

TEST_CASE("the ids of the tiktoken package, by file name or class") {
  const auto file = MappedFile::open(std::string{INGOT_GOLDEN_DIR} + "/text/tiktoken.json");
  REQUIRE(file);
  const auto document = json::Document::parse(file->text(), "tiktoken.json");
  REQUIRE(document);
  const auto checked = check_variants(document->root());
  if (!checked) FAIL(checked.error().message());
  CHECK(*checked > 500);
}

TEST_CASE("special tokens that only the class knows, and what goes around a text") {
  std::string file;
  for (int i = 0; i < 3; ++i) file += std::string{"YWJj"}.substr(0, 3) + "=" + " " + std::to_string(i) + "\r\n";
  CHECK(read_tiktoken(file, "qwen").error().code == ErrorCode::damaged);  // one token three times
  file = "YQ== 0\r\n\nYg== 1\nYWI= 3";
  const auto llama = read_tiktoken(file, "tokenizer");
  REQUIRE(llama);
  CHECK((llama->components.bos == 4u && llama->components.eos == 5u &&
         llama->components.post_processor.prefix == std::vector<std::uint32_t>{4}));
  CHECK(llama->added.back().content == "<|reserved_special_token_247|>");
  CHECK(llama->added.back().id == 259);
  const auto hunyuan = read_tiktoken(file, "hy");
  REQUIRE(hunyuan);
  CHECK((hunyuan->added[1].content == "<|startoftext|>" && hunyuan->added[5].content == "<|extra_0|>"));
  CHECK((hunyuan->added.back().content == "<|extra_204|>" && hunyuan->added.back().id == 213 && hunyuan->components.eos == 4u));
  const auto kimi = read_tiktoken(
      file, "tiktoken",
      {.config = R"({"tokenizer_class":"TikTokenTokenizer","added_tokens_decoder":{"4":{"content":"[BOS]"},"5":{"content":"[EOS]"}}})"});
  REQUIRE(kimi);
  CHECK((kimi->components.bos == 4u && kimi->components.eos == 5u));
  CHECK(std::any_of(kimi->added.begin(), kimi->added.end(),
                    [](const AddedToken& token) { return token.content == "<|reserved_token_261|>" && token.id == 261; }));
  const auto glm = read_tiktoken(
      file, "tokenizer",
      {.config = R"({"tokenizer_class":"ChatGLM4Tokenizer","added_tokens_decoder":{"4":{"content":"[gMASK]"},"6":{"content":"<sop>"}}})"});
  REQUIRE(glm);
  CHECK(glm->components.post_processor.prefix == std::vector<std::uint32_t>{4, 6});
}

TEST_CASE("damaged lines are named") {
  for (const char* file :
       {"", "\n", "YQ==", "YQ== x", "YQ== 0 1", "YQ== -1", "Y 0", " 0", "== 0", "YQ== 99999999999", "YQ== 20000000", "YQ== 0\nYg== 0"}) {
    const auto definition = read_tiktoken(file, "x");
    REQUIRE(!definition);
    CHECK(definition.error().code == ErrorCode::damaged);
  }
  CHECK(read_tiktoken("YQ== 0\nYg== 0", "x").error().message().find("line 2") != std::string::npos);
}
