// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_files.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

TEST_CASE("what the files state, and nothing where they do not") {
  const auto traits =
      read_traits({.config = R"({"tokenizer_class":"LlamaTokenizerFast","add_bos_token":true,"legacy":false,"add_eos_token":null})",
                   .model_config = R"({"model_type":"qwen"})"});
  REQUIRE(traits);
  CHECK((traits->tokenizer_class == "LlamaTokenizer" && traits->model_type == "qwen"));
  CHECK((traits->add_bos == true && traits->legacy == false && !traits->add_eos && !traits->add_prefix_space));
  const auto none = read_traits({});
  REQUIRE(none);
  CHECK((none->tokenizer_class.empty() && !none->add_bos));
  CHECK(read_traits({.config = "{"}).error().code == ErrorCode::damaged);
}

TEST_CASE("added tokens by their stated ids") {
  Definition definition;
  definition.vocabulary = {"a", "b"};
  const TokenIds ids{{"a", 0}, {"b", 1}};
  AddedTokenList added{ids, true};
  REQUIRE(add_tokens({.config = R"({"added_tokens_decoder":{"7":{"content":"<x>","normalized":true}},"eos_token":"<e>"})",
                      .added_tokens = R"({"<y>":5,"<z>":1})"},
                     definition, added));
  finish_added(std::move(added), definition);
  REQUIRE(definition.added.size() == 4);
  CHECK((definition.added[0].content == "<z>" && definition.added[0].id == 1 && definition.vocabulary[1] == "<z>"));
  CHECK((definition.added[1].content == "<y>" && definition.added[1].id == 5));
  CHECK((definition.added[2].content == "<x>" && definition.added[2].id == 7 && !definition.added[2].normalized));
  CHECK((definition.added[3].content == "<e>" && definition.added[3].id == 8 && definition.components.eos == 8u));
  AddedTokenList none{ids, true};
  CHECK(add_tokens({.added_tokens = R"({"<y>":-1})"}, definition, none).error().code == ErrorCode::damaged);
}
