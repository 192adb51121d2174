// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_json_model.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
Result<Definition> read(std::string_view text) {
  INGOT_TRY(const auto document, json::Document::parse(text, "tokenizer.json"));
  Definition definition;
  INGOT_CHECK(tokenizer_json::read_model(document.root(), definition));
  return definition;
}
}  // namespace

TEST_CASE("a BPE model, its type stated or not") {
  for (const std::string type : {R"("type":"BPE",)", ""}) {
    const auto definition = read("{" + type + R"("unk_token":"b","vocab":{"a":0,"b":1,"ab":3},"merges":["a b"],"fuse_unk":true})");
    REQUIRE(definition);
    const auto& options = std::get<BpeOptions>(definition->components.model);
    CHECK((options.unknown == 1 && options.fuse_unknown && !options.byte_fallback));
    CHECK(definition->vocabulary.size() == 4);
    CHECK(!definition->vocabulary[2]);
    CHECK(definition->merges.at(0).result == 3);
    CHECK(token_ids(*definition).size() == 3);
  }
}

TEST_CASE("a Unigram model, its type stated or not") {
  for (const std::string type : {R"("type":"Unigram",)", ""}) {
    const auto definition = read("{" + type + R"("unk_id":1,"vocab":[["a",-1.5],["<unk>",0],["b",-2]],"byte_fallback":true})");
    REQUIRE(definition);
    const auto& options = std::get<UnigramOptions>(definition->components.model);
    CHECK((options.unknown == 1 && options.byte_fallback && !options.single_precision && options.unknown_score == -12));
    CHECK(definition->scores == std::vector<double>{-1.5, 0, -2});
  }
  for (const char* text :
       {R"({"type":"Unigram","vocab":[]})", R"({"type":"Unigram","vocab":[["a"]]})", R"({"type":"Unigram","vocab":[["a",1,2]]})",
        R"({"type":"Unigram","unk_id":1,"vocab":[["a",1]]})", R"({"type":"Unigram","vocab":{"a":0}})", R"({"vocab":[[1,1]]})"}) {
    const auto definition = read(text);
    REQUIRE(!definition);
    CHECK(definition.error().code == ErrorCode::damaged);
  }
}

TEST_CASE("WordPiece and WordLevel, their types stated or not") {
  for (const std::string type : {R"("type":"WordPiece",)", ""}) {
    const auto pieces =
        read("{" + type + R"("unk_token":"b","vocab":{"a":0,"b":1},"continuing_subword_prefix":"@","max_input_chars_per_word":7})");
    REQUIRE(pieces);
    const auto& options = std::get<WordPieceOptions>(pieces->components.model);
    CHECK((options.unknown == 1 && options.continuing_prefix == "@" && options.max_characters == 7));
  }
  for (const std::string type : {R"("type":"WordLevel",)", ""}) {
    const auto words = read("{" + type + R"("unk_token":"c","vocab":{"a":0,"b":1}})");
    REQUIRE(words);
    CHECK(std::get<WordLevelOptions>(words->components.model).unknown == no_token);
  }
  const auto missing = read(R"({"type":"WordPiece","unk_token":"b","vocab":{"a":0},"continuing_subword_prefix":"##"})");
  REQUIRE(!missing);
  CHECK(missing.error().code == ErrorCode::damaged);
  CHECK(missing.error().message().find("max_input_chars_per_word") != std::string::npos);
}

TEST_CASE("merges leave the continuing prefix of the right half out") {
  const auto merge = [](std::string_view merges) {
    return read(R"({"type":"BPE","continuing_subword_prefix":"##","vocab":{"a":0,"##b":1,"ab":2,"xycd":3,"acd":4},"merges":[)" +
                std::string{merges} + "]}");
  };
  CHECK(merge(R"("a ##b")")->merges.at(0).result == 2);
  CHECK(merge(R"(["a","xycd"])")->merges.at(0).result == 4);  // whatever it begins with, as in `tokenizers`
  for (const std::string_view bad :
       {R"("a a")", R"("a  ##b")", R"("a")", R"(["a"])", R"(["a","##b","a"])", R"("a ##x")", "7", R"(["a",7])"}) {
    const auto definition = merge(bad);
    REQUIRE(!definition);
    CHECK(definition.error().code == ErrorCode::damaged);
    CHECK(definition.error().message().find("merges") != std::string::npos);
  }
}

TEST_CASE("an unknown model is named") {
  const auto definition = read(R"({"type":"Oracle","vocab":{}})");
  REQUIRE(!definition);
  CHECK(definition.error().code == ErrorCode::unsupported);
  CHECK(definition.error().message().find("Oracle") != std::string::npos);
}
