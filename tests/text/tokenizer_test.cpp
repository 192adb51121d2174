// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer.hpp>

#include <thread>

#include <ingot/text/tokenizer_json.hpp>

#include <doctest/doctest.h>

#include "text/golden_cases.hpp"

using namespace ingot;
using namespace ingot::text;

namespace {
Tokenizer golden_tokenizer(const std::string& name) {
  const auto file = MappedFile::open(std::string{INGOT_GOLDEN_DIR "/text/"} + name + ".json");
  REQUIRE(file);
  const auto document = json::Document::parse(file->text(), name);
  REQUIRE(document);
  const auto definition = read_tokenizer_json(document->root().at("tokenizer")->dump());
  REQUIRE(definition);
  return *Tokenizer::create(*definition);
}
}  // namespace

TEST_CASE("equal to Hugging Face's tokenizers, read and exported") {
  for (const std::string name : {"gpt2", "qwen2", "llama3", "smollm", "llama2", "metaspace", "splits", "bert", "words", "suffix"}) {
    const auto found = golden::check_file(INGOT_GOLDEN_DIR "/text/" + name + ".json");
    INFO(name, ": ", found.empty() ? "" : found.front());
    CHECK(found.empty());
  }
}

TEST_CASE("facts about tokens") {
  const Tokenizer tokenizer = golden_tokenizer("llama3");
  const auto bos = tokenizer.id_of("<s>");
  REQUIRE(bos);
  CHECK(static_cast<std::size_t>(*bos) + 2 == tokenizer.size());
  CHECK((tokenizer.is_special(*bos) && !tokenizer.is_special(0) && tokenizer.is_token(0)));
  CHECK((!tokenizer.is_token(-1) && !tokenizer.is_token(1 << 20) && tokenizer.token(-1).empty()));
  CHECK(tokenizer.token(*tokenizer.id_of("a")) == "a");
  CHECK(!tokenizer.id_of("no such token"));
  CHECK(!tokenizer.bos());
}

TEST_CASE("invalid UTF-8 counts as U+FFFD") {
  const Tokenizer tokenizer = golden_tokenizer("qwen2");
  CHECK(*tokenizer.encode("a\xff\xe2\x82z") == *tokenizer.encode("a\ufffd\ufffdz"));
  CHECK(tokenizer.decode(*tokenizer.encode("\xf0\x9f")) == "\ufffd");
}

TEST_CASE("ids that are none decode to nothing") {
  const Tokenizer tokenizer = golden_tokenizer("gpt2");
  CHECK(tokenizer.decode(std::vector<std::int32_t>{-1, 1 << 30, *tokenizer.id_of("a")}) == "a");
}

TEST_CASE("one megabyte of anything takes no more than linear time") {
  for (const std::string name : {"qwen2", "llama2"}) {
    const Tokenizer tokenizer = golden_tokenizer(name);
    for (const std::string_view unit : {"a", " ", "\n", "\U0001f600", "ab ", "<tag>", "<", "\t ", "9", "e\u0301"}) {
      std::string text;
      while (text.size() < 1'000'000) text += unit;
      const auto ids = tokenizer.encode(text);
      REQUIRE(ids);
      CHECK(ids->size() > 1000);
    }
  }
}

TEST_CASE("threads share a tokenizer") {
  const Tokenizer tokenizer = golden_tokenizer("smollm");
  const std::string text = "Hello world 12345, they're here\n\n";
  const auto expected = *tokenizer.encode(text);
  const std::string decoded = tokenizer.decode(expected);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (auto& count : wrong)
    threads.emplace_back([&, copy = tokenizer] {
      for (int i = 0; i < 500; ++i) count += *copy.encode(text) != expected || copy.decode(expected) != decoded;
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("an image at an odd address is copied") {
  const Tokenizer tokenizer = golden_tokenizer("gpt2");
  std::vector<std::byte> moved(tokenizer.image().size() + 1);
  std::copy(tokenizer.image().begin(), tokenizer.image().end(), moved.begin() + 1);
  const auto opened = Tokenizer::open(std::span{moved}.subspan(1));
  REQUIRE(opened);
  CHECK(*opened->encode("Hello") == *tokenizer.encode("Hello"));
}
