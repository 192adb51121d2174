// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_json_components.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;
using namespace ingot::text::tokenizer_json;

namespace {
json::Document parse(std::string_view text) {
  auto document = json::Document::parse(text, "test");
  REQUIRE(document);
  return *std::move(document);
}
}  // namespace

TEST_CASE("sequences within sequences become one chain") {
  const auto document = parse(R"({"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Sequence","normalizers":[
      {"type":"Replace","pattern":{"Regex":" +"},"content":"_"},{"type":"Strip","strip_left":true,"strip_right":false}]}]})");
  const auto chain = read_normalizers(document.root());
  REQUIRE(chain);
  REQUIRE(chain->size() == 3);
  CHECK(std::get<normalize::Replace>((*chain)[1]).pattern.is_regex);
  CHECK_FALSE(std::get<normalize::Strip>((*chain)[2]).right);
  CHECK(read_normalizers(std::nullopt)->empty());
}

TEST_CASE("pre-tokenizers") {
  const auto document =
      parse(R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"String":"x"},"behavior":"MergedWithNext","invert":true},
      {"type":"Digits","individual_digits":true},{"type":"Metaspace","replacement":"_","add_prefix_space":false},{"type":"ByteLevel","add_prefix_space":false}]})");
  const auto chain = read_pre_tokenizers(document.root());
  REQUIRE(chain);
  CHECK(std::get<pre::Split>((*chain)[0]).behavior == SplitBehavior::merged_with_next);
  CHECK(std::get<pre::Metaspace>((*chain)[2]).scheme == PrependScheme::never);
  CHECK(std::get<pre::ByteLevel>((*chain)[3]).use_regex);
}

TEST_CASE("pre-tokenizers that are made of others") {
  const auto document = parse(R"({"type":"Sequence","pretokenizers":[{"type":"BertPreTokenizer"},{"type":"UnicodeScripts"},
      {"type":"CharDelimiterSplit","delimiter":"\u00e9"},{"type":"FixedLength"},{"type":"Whitespace"},{"type":"Punctuation"}]})");
  const auto chain = read_pre_tokenizers(document.root());
  REQUIRE(chain);
  REQUIRE(chain->size() == 7);
  CHECK(std::holds_alternative<pre::WhitespaceSplit>((*chain)[0]));
  CHECK(std::get<pre::Punctuation>((*chain)[1]).behavior == SplitBehavior::isolated);
  CHECK((std::get<pre::Split>((*chain)[2]).invert && std::get<pre::Split>((*chain)[2]).behavior == SplitBehavior::removed));
  CHECK(std::get<pre::Split>((*chain)[3]).pattern.text == "\u00e9");
  CHECK(std::get<pre::FixedLength>((*chain)[4]).length == 5);
}

TEST_CASE("BERT's normalizer strips accents where it makes lower case, unless told otherwise") {
  const auto read = [](std::string_view strip, std::string_view lower) {
    const auto document = parse(R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":false,"strip_accents":)" +
                                std::string{strip} + R"(,"lowercase":)" + std::string{lower} + "}");
    return std::get<normalize::Bert>(read_normalizers(document.root())->at(0)).strip_accents;
  };
  CHECK((read("null", "true") && !read("null", "false") && read("true", "false") && !read("false", "true")));
}

TEST_CASE("decoders") {
  const auto document = parse(R"({"type":"Sequence","decoders":[{"type":"WordPiece","prefix":"@@","cleanup":false},
      {"type":"BPEDecoder","suffix":"</w>"},{"type":"CTC","pad_token":"_","word_delimiter_token":"|","cleanup":true}]})");
  const auto chain = read_decoders(document.root());
  REQUIRE(chain);
  CHECK((std::get<decode::WordPiece>((*chain)[0]).prefix == "@@" && !std::get<decode::WordPiece>((*chain)[0]).cleanup));
  CHECK(std::get<decode::Bpe>((*chain)[1]).suffix == "</w>");
  CHECK(std::get<decode::Ctc>((*chain)[2]).pad == "_");
}

TEST_CASE("without a decoder there are blanks between the tokens") {
  CHECK(std::holds_alternative<decode::Blanks>((*read_decoders(std::nullopt))[0]));
}

TEST_CASE("unknown components are named") {
  const auto unknown = parse(R"({"type":"Precompiled2"})");
  for (const Error& error :
       {read_normalizers(unknown.root()).error(), read_pre_tokenizers(unknown.root()).error(), read_decoders(unknown.root()).error()}) {
    CHECK(error.code == ErrorCode::unsupported);
    CHECK(error.message().find("Precompiled2") != std::string::npos);
  }
}

TEST_CASE("wrong types are damaged, with the key") {
  for (const std::string_view text : {R"({"type":3})", R"([])", R"({"type":"Split","pattern":{"Regexx":"a"},"behavior":"Isolated"})",
                                      R"({"type":"ByteLevel","add_prefix_space":1})", R"({"type":"Sequence","pretokenizers":{}})",
                                      R"({"type":"Metaspace","replacement":"ab"})", R"({"type":"CharDelimiterSplit","delimiter":""})"}) {
    const auto document = parse(text);
    const auto chain = read_pre_tokenizers(document.root());
    REQUIRE(!chain);
    CHECK(chain.error().code == ErrorCode::damaged);
  }
}
