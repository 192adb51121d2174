// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_class.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("classes by name") {
  CHECK(find_tokenizer_class("LlamaTokenizer").frame == TokenizerClass::Frame::with_bos);
  CHECK(find_tokenizer_class("GemmaTokenizer").specials[4] == "<pad>");
  CHECK(find_tokenizer_class("BertTokenizer").specials[5] == "[CLS]");
  CHECK(find_tokenizer_class("MPNetTokenizer").switches == TokenizerClass::Switches::not_chinese);
}

TEST_CASE("any other class does nothing") {
  const TokenizerClass& other = find_tokenizer_class("PreTrainedTokenizer");
  CHECK((other.name.empty() && other.frame == TokenizerClass::Frame::kept && other.switches == TokenizerClass::Switches::none));
  for (const auto special : other.specials) CHECK(special.empty());
}
