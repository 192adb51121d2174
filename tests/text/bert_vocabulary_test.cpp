// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/bert_vocabulary.hpp>

#include <ingot/text/tokenizer.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
using Ids = std::vector<std::int32_t>;
constexpr std::string_view lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhe\n##llo\n\u00e9\ne\n,\n\u4e2d\n";

Tokenizer make(std::string_view text, std::string_view config = {}) {
  const auto definition = read_bert_vocabulary(text, config);
  REQUIRE(definition);
  return *Tokenizer::create(*definition);
}
}  // namespace

TEST_CASE("as BertTokenizer without a configuration") {
  const auto tokenizer = make(lines);
  CHECK(*tokenizer.encode("Hello, \u00c9\u4e2d x") == Ids{2, 4, 5, 8, 7, 9, 1, 3});
  CHECK(*tokenizer.encode("he[MASK][SEP]", false) == Ids{4, 10, 3});  // [MASK] is a token even where the file has none
  CHECK(tokenizer.decode(Ids{2, 4, 5, 8, 3}, true) == "hello,");
}

TEST_CASE("switches and special tokens") {
  CHECK(*make(lines, R"({"do_lower_case":false})").encode("he He \u00e9", false) == Ids{4, 1, 6});
  CHECK(*make(lines, R"({"strip_accents":false})").encode("\u00c9", false) == Ids{6});
  CHECK(*make(lines, R"({"tokenize_chinese_chars":false})").encode("\u4e2d\u4e2d", false) == Ids{1});
  CHECK(*make(lines, R"({"tokenizer_class":"DistilBertTokenizerFast","cls_token":"<c>","sep_token":{"content":"he"}})").encode("e") ==
        Ids{10, 7, 4});
}

TEST_CASE("line ends, tokens that come twice, empty lines") {
  const auto read = read_vocabulary_lines("a\r\nb\rc\n\na");
  REQUIRE(read);
  REQUIRE(read->size() == 5);
  CHECK((!(*read)[0] && (*read)[1] == "b" && (*read)[2] == "c" && (*read)[3] == "" && (*read)[4] == "a"));
}

TEST_CASE("what cannot be read is named") {
  CHECK(read_bert_vocabulary("").error().code == ErrorCode::damaged);
  CHECK(read_bert_vocabulary("\xff").error().code == ErrorCode::damaged);
  CHECK(read_bert_vocabulary(lines, "{").error().code == ErrorCode::damaged);
  CHECK(read_bert_vocabulary(lines, R"({"cls_token":""})").error().code == ErrorCode::damaged);
  CHECK(read_bert_vocabulary(lines, R"({"do_lower_case":3})").error().message().find("do_lower_case") != std::string::npos);
  CHECK(read_bert_vocabulary(lines, R"({"tokenizer_class":"OracleTokenizer"})").error().code == ErrorCode::unsupported);
}
