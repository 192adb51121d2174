// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/vocabulary_file.hpp>

#include <doctest/doctest.h>

#include "generation/tiny_text.hpp"

using namespace ingot;
using namespace ingot::test;

TEST_CASE("the first kind of file that a directory has") {
  const TemporaryDirectory temporary;
  CHECK(generation::detail::find_tokenizer(temporary.path()).empty());
  temporary.write("b.tiktoken", "");
  CHECK(generation::detail::find_tokenizer(temporary.path()).filename() == "b.tiktoken");
  temporary.write("a.tiktoken", "");
  CHECK(generation::detail::find_tokenizer(temporary.path()).empty());  // which of the two?
  temporary.write("merges.txt", "");
  CHECK(generation::detail::find_tokenizer(temporary.path()).empty());
  for (const char* name :
       {"vocab.json", "tiktoken.model", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "tokenizer.json", "tokenizer.bin"}) {
    temporary.write(name, "");
    CHECK(generation::detail::find_tokenizer(temporary.path()).filename() == name);
  }
}

TEST_CASE("the JSON files beside a vocabulary, those that are there") {
  const TemporaryDirectory temporary;
  temporary.write("added_tokens.json", "{}");
  const auto beside = generation::detail::FilesBeside::open(temporary.path());
  REQUIRE(beside);
  CHECK(beside->texts().added_tokens == "{}");
  CHECK((beside->texts().config.empty() && beside->texts().special_tokens_map.empty() && beside->texts().model_config.empty()));
}
