// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/sentencepiece.hpp>

#include <filesystem>

#include <ingot/text/base64.hpp>

#include <doctest/doctest.h>

#include "golden_cases.hpp"

using namespace ingot;
using namespace ingot::text;

namespace {
/// What differs from the sentencepiece library, for the tokenizer as read and as exported.
Result<std::vector<std::string>> differences(const std::string& path) {
  INGOT_TRY(const auto file, MappedFile::open(path));
  INGOT_TRY(const auto document, json::Document::parse(file.text(), path));
  INGOT_TRY(const auto encoded, document.root().get<std::string_view>("model"));
  const auto model = decode_base64(encoded);
  if (!model) return document.root().problem("malformed base64", "model");
  const std::string config = document.root().find("config") ? document.root().find("config")->dump() : std::string{};
  INGOT_TRY(const auto definition, read_sentencepiece(*model, {.config = config}));
  INGOT_TRY(const auto tokenizer, Tokenizer::create(definition));
  const std::string exported{reinterpret_cast<const char*>(tokenizer.image().data()), tokenizer.image().size()};
  INGOT_TRY(const auto again, Tokenizer::open(std::as_bytes(std::span{exported})));
  std::vector<std::string> found;
  const auto differ = [&](const std::string& what, const std::string& wanted, const std::string& got) {
    if (wanted != got) found.push_back(what + ": expected \"" + wanted + "\", got \"" + got + "\"");
  };
  INGOT_TRY(const auto cases, document.root().at("cases"));
  const auto check = [&](const json::Value& one) -> Status {
    INGOT_TRY(const auto listed, one.at("ids"));
    const golden::Ids ids = golden::ids_of(listed);
    INGOT_TRY(const auto text, one.get<std::string>("text", ""));
    INGOT_TRY(const auto decoded, one.get<std::string>("decoded", ""));
    for (const Tokenizer& each : {tokenizer, again}) {
      if (one.find("text")) {
        INGOT_TRY(const auto got, each.encode(text));
        differ("encode of \"" + text + "\"", golden::show(ids), golden::show(got));
      }
      if (!one.find("decoded")) continue;
      differ("decode of " + golden::show(ids), decoded, each.decode(ids, true));
      StreamDecoder stream{each, true};
      std::string joined;
      for (const auto id : ids) joined += stream.push(id);
      joined += stream.finish();
      differ("stream of " + golden::show(ids), decoded, joined);
    }
    return {};
  };
  INGOT_CHECK(cases.each_element(check));
  return found;
}

std::string piece(const std::string& text, int type, const std::string& score = {"\0\0\x80\xBF", 4}) {
  std::string inner = std::string{"\x0a"} + static_cast<char>(text.size()) + text + "\x15" + score + "\x18" + static_cast<char>(type);
  return std::string{"\x0a"} + static_cast<char>(inner.size()) + inner;
}
}  // namespace

TEST_CASE("models of the library's options give its ids and texts, and those of transformers' classes theirs") {
  for (const auto& [directory, count] : {std::pair{"sentencepiece", 8}, std::pair{"fairseq", 5}}) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{std::string{INGOT_GOLDEN_DIR} + "/text/" + directory}) {
      const auto found = differences(entry.path().string());
      if (!found) FAIL(found.error().message());
      for (const auto& line : *found) FAIL_CHECK(entry.path().filename().string() << ": " << line);
      ++files;
    }
    CHECK(files == count);
  }
}

TEST_CASE("the files beside a model add tokens and decide on BOS") {
  const std::string model = piece("<unk>", 2) + piece("<s>", 3) + piece("</s>", 3) + piece("\u2581", 1) + piece("a", 1);
  const auto ids = [&](const TokenizerFiles& files, std::string_view text) {
    const auto definition = read_sentencepiece(model, files);
    REQUIRE(definition);
    const auto tokenizer = Tokenizer::create(*definition);
    REQUIRE(tokenizer);
    return golden::show(*tokenizer->encode(text));
  };
  CHECK(ids({}, "a</s>a") == "3 4 2 3 4 ");
  CHECK(ids({.config = R"({"tokenizer_class":"LlamaTokenizer"})"}, "a") == "1 3 4 ");
  CHECK(ids({.config = R"({"tokenizer_class":"LlamaTokenizer","legacy":false})"}, "a</s>a") == "1 3 4 2 4 ");
  CHECK(ids({.config = R"({"tokenizer_class":"LlamaTokenizerFast","legacy":false,"add_prefix_space":false})"}, "a</s>a") == "1 4 2 4 ");
  CHECK(ids({.config = R"({"add_eos_token":true})"}, "a") == "3 4 2 ");
  CHECK(ids({.config = R"({"tokenizer_class":"T5Tokenizer"})"}, "<extra_id_0>a<extra_id_99>") == "104 3 4 5 2 ");
  CHECK(ids({.config = R"({"tokenizer_class":"T5Tokenizer","extra_ids":2,"additional_special_tokens":["<extra_id_0>"]})"},
            "<extra_id_0>") == "6 2 ");
  CHECK(ids({.config = R"({"added_tokens_decoder":{"9":{"content":"<x>"}}})", .added_tokens = R"({"<y>":7,"a":8})"}, "<x>a<y>") ==
        "9 8 7 ");
  CHECK(ids({.special_tokens_map = R"({"additional_special_tokens":["<z>"]})"}, "<z>") == "5 ");
  CHECK(ids({.config = R"({"added_tokens_decoder":{"3":{"content":"<x>"}}})"}, "<x>a") == "3 0 4 ");  // takes the blank's place
}

TEST_CASE("damaged models say what is wrong") {
  const std::string good = piece("<unk>", 2) + piece("a", 1);
  REQUIRE(read_sentencepiece(good));
  const std::string nan{"\0\0\xC0\x7F", 4};
  for (const std::string& bad :
       {std::string{}, std::string{"\x0a\x7f"}, piece("a", 1), good + piece("<unk2>", 2), good + piece("", 1), good + piece("\xff", 1),
        good + piece("b", 1, nan), good + piece("<0x41>", 6), good.substr(0, good.size() - 1)}) {
    const auto definition = read_sentencepiece(bad);
    REQUIRE(!definition);
    CHECK(definition.error().code == ErrorCode::damaged);
  }
  CHECK(read_sentencepiece(good + std::string{"\x2a\x03\x12\x01x", 5}).error().code == ErrorCode::unsupported);  // denormalizer
  CHECK(read_sentencepiece(good + std::string{"\x1a\x03\x12\x01x", 5}).error().code == ErrorCode::damaged);      // charsmap
}
