// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_config.hpp>

#include <ingot/text/tokenizer.hpp>
#include <ingot/text/tokenizer_json.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
constexpr std::string_view source =
    R"({"added_tokens":[{"id":3,"content":"<s>","special":true}],"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true,"use_regex":true},
  "decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"\u0120":2},"merges":[]}})";
Result<Definition> with(std::string_view config) { return read_tokenizer_json(source, config); }
std::vector<std::int32_t> encode(std::string_view config, std::string_view text) {
  const auto definition = with(config);
  REQUIRE(definition);
  return *Tokenizer::create(*definition)->encode(text);
}
using Ids = std::vector<std::int32_t>;
}  // namespace

TEST_CASE("Llama's and Gemma's classes put BOS and EOS around the text themselves") {
  CHECK(encode(R"({"tokenizer_class":"LlamaTokenizerFast","bos_token":"<s>","add_prefix_space":false})", "a") == Ids{3, 0});
  CHECK(
      encode(
          R"({"tokenizer_class":"LlamaTokenizer","bos_token":{"content":"<s>"},"eos_token":"</s>","add_bos_token":false,"add_eos_token":true,"add_prefix_space":false})",
          "a") == Ids{0, 4});
  CHECK(encode(R"({"tokenizer_class":"PreTrainedTokenizerFast","bos_token":"<s>","add_bos_token":true})", "a") == Ids{0});
  CHECK(encode(R"({"tokenizer_class":"GemmaTokenizer"})", "a") == Ids{4, 0});  // a <bos> that is not there is added
  CHECK(!with(R"({"tokenizer_class":"GemmaTokenizer","bos_token":null})"));
}

TEST_CASE("add_prefix_space is taken from here") {
  CHECK(encode("", "a") == Ids{2, 0});
  CHECK(encode("{}", "a") == Ids{0});
  CHECK(encode(R"({"add_prefix_space":true})", "a") == Ids{2, 0});
  CHECK(encode(R"({"tokenizer_class":"LlamaTokenizer","bos_token":"<s>"})", "a") == Ids{3, 2, 0});  // no default of its own
}

TEST_CASE("Cohere's class switches add_prefix_space on within a Sequence too") {
  const auto prefixed = [](std::string_view config) {
    const auto definition =
        read_tokenizer_json(R"({"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
      {"type":"ByteLevel","add_prefix_space":false}]},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}})",
                            config);
    REQUIRE(definition);
    return std::get<pre::ByteLevel>(definition->components.pre_tokenizers.at(1)).add_prefix_space;
  };
  CHECK(prefixed(R"({"tokenizer_class":"CohereTokenizer","add_prefix_space":true})"));
  CHECK(!prefixed(R"({"tokenizer_class":"CohereTokenizer"})"));
  CHECK(!prefixed(R"({"tokenizer_class":"GPT2Tokenizer","add_prefix_space":true})"));
}

TEST_CASE("BERT's classes set their normalizer") {
  const auto bert = [](std::string_view config) {
    const auto definition = read_tokenizer_json(
        R"({"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":false,"strip_accents":null,"lowercase":false},
      "model":{"type":"WordPiece","vocab":{"a":0},"unk_token":"a","continuing_subword_prefix":"##","max_input_chars_per_word":9}})",
        config);
    REQUIRE(definition);
    return std::get<normalize::Bert>(definition->components.normalizers.at(0));
  };
  CHECK_FALSE(bert(R"({"tokenizer_class":"PreTrainedTokenizerFast"})").lowercase);
  const auto defaults = bert(R"({"tokenizer_class":"BertTokenizer"})");
  CHECK((defaults.lowercase && defaults.strip_accents && defaults.handle_chinese_chars));
  const auto told =
      bert(R"({"tokenizer_class":"ElectraTokenizerFast","do_lower_case":true,"strip_accents":false,"tokenize_chinese_chars":false})");
  CHECK((told.lowercase && !told.strip_accents && !told.handle_chinese_chars));
  CHECK_FALSE(bert(R"({"tokenizer_class":"MPNetTokenizer"})").handle_chinese_chars);
}

TEST_CASE("special tokens that are none yet are added, listed ones change their flags") {
  const auto definition =
      with(R"({"bos_token":"<s>","eos_token":"<|end|>","pad_token":null,"additional_special_tokens":["<x>",{"content":"<y>","rstrip":true}],
      "added_tokens_decoder":{"3":{"content":"<s>","special":true,"lstrip":true}},"model_max_length":1000000000000000019884624838656})");
  REQUIRE(definition);
  CHECK(definition->components.bos == 3u);
  CHECK(definition->components.eos == 4u);
  REQUIRE(definition->added.size() == 4);
  CHECK(definition->added[0].lstrip);
  CHECK((definition->added[3].content == "<y>" && definition->added[3].rstrip && definition->added[3].special &&
         definition->added[3].id == 6));
}

TEST_CASE("a token that is named as special becomes special") {
  const auto definition = read_tokenizer_json(
      R"({"added_tokens":[{"id":1,"content":"<t>","special":false,"rstrip":true}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}})",
      R"({"extra_special_tokens":{"image_token":"<img>"},"additional_special_tokens":["<t>"]})");
  REQUIRE(definition);
  REQUIRE(definition->added.size() == 2);
  CHECK((definition->added[0].special && definition->added[0].rstrip));
  CHECK((definition->added[1].content == "<img>" && definition->added[1].special));
}

TEST_CASE("malformed configurations") {
  for (const std::string_view bad : {R"({"bos_token":3})", R"({"added_tokens_decoder":{"x":{"content":"a"}}})",
                                     R"({"added_tokens_decoder":{"1":{}}})", R"({"tokenizer_class":[]})", "[", "3"}) {
    const auto definition = with(bad);
    if (bad == "3") continue;  // nothing in it applies
    REQUIRE(!definition);
    CHECK(definition.error().code == ErrorCode::damaged);
  }
}
