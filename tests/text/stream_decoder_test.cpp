// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/stream_decoder.hpp>

#include <ingot/text/tokenizer_json.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
Tokenizer byte_tokenizer() {  // ids 0..255 are bytes, 256 is special
  Definition definition;
  for (unsigned byte = 0; byte < 256; ++byte)
    append_utf8(definition.vocabulary.emplace_back(std::string{}).value(), byte_level::characters[byte]);
  definition.added.push_back({.content = "<s>", .id = 256, .special = true});
  definition.components.pre_tokenizers = {pre::ByteLevel{false, false}};
  definition.components.decoders = {decode::ByteLevel{}};
  return *Tokenizer::create(definition);
}
std::vector<std::int32_t> bytes(std::string_view text) {
  std::vector<std::int32_t> ids;
  for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
  return ids;
}
}  // namespace

TEST_CASE("characters come out whole, as soon as they are") {
  StreamDecoder stream{byte_tokenizer()};
  std::vector<std::string> pieces;
  for (const auto id : bytes("a\u20ac\U0001f600")) pieces.emplace_back(stream.push(id));
  CHECK(pieces == std::vector<std::string>{"a", "", "", "\u20ac", "", "", "", "\U0001f600"});
  CHECK(stream.finish().empty());
}

TEST_CASE("damaged bytes become U+FFFD when that is certain") {
  StreamDecoder stream{byte_tokenizer()};
  std::string joined;
  const auto ids = bytes(
      "\xf0\x9f"
      "a\xff\xe2\x82");
  std::vector<std::string> pieces;
  for (const auto id : ids) joined += pieces.emplace_back(stream.push(id));
  CHECK(pieces == std::vector<std::string>{"", "",
                                           "\ufffd"
                                           "a",
                                           "\ufffd", "", ""});
  joined += stream.finish();
  CHECK(joined ==
        "\ufffd"
        "a\ufffd\ufffd");
  CHECK(joined == byte_tokenizer().decode(ids));
}

TEST_CASE("special tokens are shown or hidden") {
  const auto tokenizer = byte_tokenizer();
  StreamDecoder shown{tokenizer}, hidden{tokenizer, true};
  CHECK(shown.push(256) == "<s>");
  CHECK(hidden.push(256).empty());
  CHECK(hidden.push('a') == "a");
  CHECK(hidden.push(999).empty());
}

TEST_CASE("a run of <0x..> tokens is decoded as a whole, hidden tokens within it left out") {
  Definition definition;
  for (const std::string_view token : {"<0xE2>", "<0x82>", "<0xAC>", "_a", "<s>", "<0x20>", "<0xG0>"})
    definition.vocabulary.emplace_back(std::string{token});
  definition.added.push_back({.content = "<s>", .id = 4, .special = true});
  definition.components.decoders = {decode::Replace{{"_", false}, " "}, decode::ByteFallback{}, decode::Fuse{}, decode::Strip{" ", 1, 0}};
  const auto tokenizer = *Tokenizer::create(definition);
  const auto decode = [&](std::vector<std::int32_t> ids, bool skip = true) { return tokenizer.decode(ids, skip); };
  CHECK(decode({0, 4, 1, 99, 2, 3}) == "\u20ac a");
  CHECK(decode({0, 4, 1, 2}, false) == "\ufffd<s>\ufffd\ufffd");
  CHECK(decode({5, 0, 1, 2, 5}) == "\u20ac ");
  CHECK(decode({3, 0, 1, 3}) == "a\ufffd\ufffd a");
  CHECK(decode({0, 1, 2, 2}) == "\ufffd\ufffd\ufffd\ufffd");
  CHECK(decode({6, 3}) == "<0xG0> a");
}
