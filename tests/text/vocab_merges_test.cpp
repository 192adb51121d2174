// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/vocab_merges.hpp>

#include <doctest/doctest.h>

#include "golden_cases.hpp"

using namespace ingot;
using namespace ingot::text;

namespace {
Result<int> check_variants(const json::Value& root) {
  INGOT_TRY(const auto vocabulary, root.at("vocab"));
  INGOT_TRY(const auto merges, root.get<std::string>("merges"));
  INGOT_TRY(const auto variants, root.at("variants"));
  int checked = 0;
  const auto check = [&](const json::Value& variant) -> Status {
    INGOT_TRY(const auto config_value, variant.at("config"));
    const std::string config = config_value.dump();
    INGOT_TRY(const auto definition, read_vocab_merges(vocabulary.dump(), merges, {.config = config}));
    INGOT_TRY(const auto tokenizer, Tokenizer::create(definition));
    INGOT_TRY(const auto cases, variant.at("cases"));
    return cases.each_element([&](const json::Value& one) -> Status {
      INGOT_TRY(const auto listed, golden::listed_case(one));
      const auto& [texts, ids] = listed;
      INGOT_TRY(const auto got, tokenizer.encode(texts.at(0)));
      if (golden::show(got) != golden::show(ids))
        FAIL_CHECK(config << ": " << texts[0] << ": expected " << golden::show(ids) << " got " << golden::show(got));
      CHECK(tokenizer.decode(ids, true) == texts.at(1));
      ++checked;
      return {};
    });
  };
  INGOT_CHECK(variants.each_element(check));
  return checked;
}
}  // namespace

TEST_CASE("the ids of transformers, by class") {
  const auto file = MappedFile::open(std::string{INGOT_GOLDEN_DIR} + "/text/vocab_merges.json");
  REQUIRE(file);
  const auto document = json::Document::parse(file->text(), "vocab_merges.json");
  REQUIRE(document);
  const auto checked = check_variants(document->root());
  if (!checked) FAIL(checked.error().message());
  CHECK(*checked > 200);
}

TEST_CASE("CLIP ends words and knows one case") {
  const auto clip =
      read_vocab_merges(R"({"a</w>":0,"b":1,"b</w>":2,"ba</w>":3,"<|startoftext|>":4,"<|endoftext|>":5})", "#version: 0.2\nb a</w>\n",
                        {.config = R"({"tokenizer_class":"CLIPTokenizer","bos_token":"<|startoftext|>","eos_token":"<|endoftext|>"})"});
  REQUIRE(clip);
  const auto tokenizer = Tokenizer::create(*clip);
  REQUIRE(tokenizer);
  CHECK(golden::show(*tokenizer->encode("BA  b")) == "4 3 2 5 ");
}

TEST_CASE("damaged files are named") {
  CHECK(read_vocab_merges("[]", "").error().code == ErrorCode::damaged);
  CHECK(read_vocab_merges("{}", "").error().code == ErrorCode::damaged);
  const auto merges = read_vocab_merges(R"({"a":0,"b":1})", "a b\n");
  REQUIRE(!merges);
  CHECK(merges.error().message().find("merges.txt: merge 0") != std::string::npos);
  CHECK(read_vocab_merges(R"({"a":0,"aa":1})", "a a\r\naa\n").error().message().find("merge 1") != std::string::npos);
}
