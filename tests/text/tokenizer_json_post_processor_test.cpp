// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_json_post_processor.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
Result<PostProcessor> read(std::string_view text) {
  INGOT_TRY(const auto document, json::Document::parse(text, "test"));
  return tokenizer_json::read_post_processor(document.root());
}
using Ids = std::vector<std::uint32_t>;

const std::string framed =
    R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
    {"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
    "special_tokens":{"<s>":{"id":"<s>","ids":[1,7],"tokens":["<s>","x"]},"</s>":{"id":"</s>","ids":[2],"tokens":["</s>"]}}})";
const std::string bert = R"({"type":"BertProcessing","sep":["[SEP]",102],"cls":["[CLS]",101]})";
const std::string roberta = R"({"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":true})";

std::string sequence(const std::string& members) { return R"({"type":"Sequence","processors":[)" + members + "]}"; }
}  // namespace

TEST_CASE("each kind") {
  CHECK(read(framed)->prefix == Ids{1, 7});
  CHECK(read(framed)->suffix == Ids{2});
  for (const auto& [text, first, last] : {std::tuple{bert, 101u, 102u}, {roberta, 0u, 2u}}) {
    CHECK(read(text)->prefix == Ids{first});
    CHECK(read(text)->suffix == Ids{last});
  }
  CHECK(read(R"({"type":"ByteLevel"})")->prefix.empty());
  CHECK(tokenizer_json::read_post_processor(std::nullopt)->suffix.empty());
}

TEST_CASE("in a chain, a later one frames each part that an earlier one has made") {
  CHECK(read(sequence(R"({"type":"ByteLevel"},)" + framed))->prefix == Ids{1, 7});
  CHECK(read(sequence(bert + "," + roberta))->prefix == Ids{0, 101});
  CHECK(read(sequence(bert + "," + framed))->suffix == Ids{102, 2});
  CHECK(read(sequence(framed + "," + bert))->prefix == Ids{101, 1, 7, 102});
  CHECK(read(sequence(framed + "," + bert))->suffix == Ids{102, 2, 102});
  CHECK(read(sequence(framed + "," + roberta))->prefix == Ids{0, 1, 7, 2, 2});
  CHECK(read(sequence(framed + "," + roberta))->suffix == Ids{2, 2, 2, 2});
}

TEST_CASE("what cannot be had is named") {
  for (const std::string& text : {sequence(framed + "," + framed), std::string{R"({"type":"Oracle"})"},
                                  std::string{R"({"type":"TemplateProcessing","single":[],"pair":[],"special_tokens":{}})"}}) {
    REQUIRE(!read(text));
    CHECK(read(text).error().code == ErrorCode::unsupported);
  }
  for (const std::string text :
       {R"({"type":"BertProcessing","sep":["[SEP]"],"cls":["[CLS]",101]})",
        R"({"type":"BertProcessing","sep":["[SEP]",4294967295],"cls":["[CLS]",1]})",
        R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}}],"special_tokens":{}})", R"({"type":7})"}) {
    REQUIRE(!read(text));
    CHECK(read(text).error().code == ErrorCode::damaged);
  }
}
