// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/sentencepiece_model.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

TEST_CASE("absent fields have the format's values, present ones their own") {
  const std::string piece{"\x0a\x09\x0a\x05<unk>\x18\x02", 11}, normal{
                                                                    "\x0a\x08\x0a\x01"
                                                                    "a\x15\x00\x00\x80\xBF",
                                                                    10};
  const std::string two = piece + normal;  // the model is views of it
  const auto plain = read_sentencepiece_model(two);
  REQUIRE(plain);
  CHECK((plain->kind == SentencePieceModel::Kind::unigram && plain->add_dummy_prefix && plain->remove_extra_whitespaces &&
         plain->escape_whitespaces));
  CHECK((!plain->byte_fallback && plain->bos_piece == "<s>" && plain->unknown == 0));
  CHECK((plain->pieces[1].text == "a" && plain->pieces[1].score == -1 && plain->pieces[1].type == SentencePieceModel::Type::normal));
  CHECK(plain->find(SentencePieceModel::Type::normal, "a") == 1);
  CHECK(plain->find(SentencePieceModel::Type::control, "a") == no_token);
  const std::string trainer{"\x12\x0d\x18\x02\xC0\x01\x01\x98\x02\x01\xF2\x02\x02[b", 15},
      rules{"\x1a\x09\x12\x01x\x18\x00\x20\x00\x28\x00", 11};
  const std::string whole = piece + trainer + rules;
  const auto set = read_sentencepiece_model(whole);
  REQUIRE(set);
  CHECK((set->kind == SentencePieceModel::Kind::bpe && set->whitespace_as_suffix && set->byte_fallback && set->bos_piece == "[b"));
  CHECK((set->charsmap == "x" && !set->add_dummy_prefix && !set->remove_extra_whitespaces && !set->escape_whitespaces));
}

TEST_CASE("an unknown piece may be absent where bytes stand in") {
  const std::string normal{
      "\x0a\x03\x0a\x01"
      "a",
      5};
  CHECK(read_sentencepiece_model(normal).error().code == ErrorCode::damaged);
  CHECK(read_sentencepiece_model(normal + std::string{"\x12\x03\x98\x02\x01", 5}));
}
