// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/decoder.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
using Tokens = std::vector<std::string_view>;

/// What each token adds, then the rest, between bars.
std::string stream(std::vector<DecoderSpec> specs, const Tokens& tokens) {
  const auto decoder = Decoder::compile(std::move(specs));
  REQUIRE(decoder);
  auto state = decoder->start();
  std::string out;
  for (const auto token : tokens) {
    decoder->push(token, state, out);
    out += '|';
  }
  decoder->finish(state, out);
  return out;
}
const std::vector<DecoderSpec> llama{decode::Replace{{"_", false}, " "}, decode::ByteFallback{}, decode::Fuse{}, decode::Strip{" ", 1, 0}};
}  // namespace

TEST_CASE("the byte alphabet may leave half a character for the next token") {
  CHECK(stream({decode::ByteLevel{}}, {"\u0120a", "\u00c3", "\u00a9"}) == " a|\xc3|\xa9|");
  CHECK(stream({decode::ByteLevel{}, decode::Strip{"a", 2, 0}}, {"a", "\u00c3", "\u00a9"}) == "||\u00e9|");
  CHECK(stream({decode::ByteLevel{}, decode::Fuse{}}, {"\u00c3", "\u00a9"}) == "\xc3|\xa9|");
  CHECK(stream({decode::ByteLevel{}, decode::Strip{"a", 2, 0}}, {"\u00c3"}) == "|\ufffd");
}

TEST_CASE("Llama's chain") {
  CHECK(stream(llama, {"_Hello", "_world"}) == "Hello| world|");
  CHECK(stream(llama, {"<s>", "_Hello"}) == "<s>| Hello|");
  CHECK(stream(llama, {"_", "_a"}) == "| a|");
  CHECK(stream(llama, {"<0xE2>", "<0x82>", "<0xAC>", "x"}) == "||\u20ac|x|");
  CHECK(stream(llama, {"<0xE2>", "x"}) == "|\ufffdx|");
  CHECK(stream(llama, {"<0xE2>", "<0x41>", "<0x42>"}) == "|\ufffd\ufffd|\ufffd|");
  CHECK(stream(llama, {"<0xE2>", "<0x82>"}) == "||\ufffd\ufffd");
}

TEST_CASE("a run that is known to be damaged gives one U+FFFD for each byte") {
  const auto decoder = Decoder::compile(llama);
  REQUIRE(decoder);
  auto state = decoder->start();
  std::string out;
  REQUIRE(decoder->opens_byte_run("<0x41>", state));
  decoder->expect_damaged_run(state);
  for (const std::string_view token : {"<0x41>", "<0xFF>", "b", "<0x41>"}) decoder->push(token, state, out);
  CHECK(out ==
        "\ufffd\ufffd"
        "bA");
}

TEST_CASE("WordPiece") {
  CHECK(stream({decode::WordPiece{"##", false}}, {"##a", "b", "##c", "."}) == "##a| b|c| .|");
  CHECK(stream({decode::WordPiece{"##", true}}, {"do", "not", "do not", "##.", ",", "'s", "a ' b"}) == "do| not| don't|.|,|'s| a'b|");
  CHECK(stream({decode::WordPiece{"", false}}, {"a", "b"}) == "a|b|");
  CHECK(stream({decode::Fuse{}, decode::WordPiece{"##", false}}, {"##a", "##b"}) == "##a|##b|");
  CHECK(stream({decode::Fuse{}, decode::WordPiece{"##", true}}, {"a ", "."}) == "||a.");
}

TEST_CASE("words that end in a suffix") {
  CHECK(stream({decode::Bpe{"</w>"}}, {"a</w>", "b", "c</w>"}) == "a| b|c|");
  CHECK(stream({decode::Bpe{"</w>"}}, {"a</w>b</w>", "c</w>d"}) == "a| b c|d");
  CHECK(stream({decode::Bpe{"</w>"}, decode::Strip{" ", 0, 1}}, {"a</w>", "b</w>"}) == "|a|b");
  CHECK(stream({decode::Fuse{}, decode::Bpe{"</w>"}}, {"a</", "w>b"}) == "||ab");
  CHECK(stream({decode::Bpe{""}}, {"a\u00e9", "b"}) == "| a \u00e9 |b");
}

TEST_CASE("CTC") {
  CHECK(stream({decode::Ctc{}}, {"<pad>", "h", "h", "<pad>", "h", "|", "|", ".", "a<pad>"}) == "|h|||h| ||.|a|");
  CHECK(stream({decode::Ctc{"<pad>", "|", false}}, {"|", " .", " ."}) == "|| .||");
  CHECK(stream({decode::Ctc{}, decode::WordPiece{"##", false}}, {"<pad>", "a", "<pad>", "b"}) == "|a|| b|");
  CHECK(stream({decode::Fuse{}, decode::Ctc{}}, {"a<p", "ad>|"}) == "||a ");
}

TEST_CASE("bytes behind a step that may change them wait for the end of their run") {
  CHECK(stream({decode::Ctc{}, decode::ByteFallback{}}, {"<0xC3>", "<0xC3>", "<0xA9>", "x"}) == "|||\u00e9x|");
}

TEST_CASE("each token for itself, or all as one") {
  CHECK(stream({decode::Strip{"x", 1, 1}}, {"xax", "xx", "b"}) == "a||b|");
  CHECK(stream({decode::Fuse{}, decode::Strip{"x", 0, 1}}, {"ax", "x", "bx"}) == "a|x|xb|");
  CHECK(stream({decode::Fuse{}, decode::Replace{{"ab", false}, "-"}}, {"xa", "b", "a", "ab"}) == "x|-||a-|");
  CHECK(stream({decode::Fuse{}, decode::Replace{{"aab", false}, "-"}}, {"aa", "ab", "aa"}) == "|a-||aa");
  CHECK(stream({decode::Fuse{}, decode::Replace{{"a+b", true}, "-"}}, {"a", "b"}) == "||-");
  CHECK(stream({decode::Metaspace{"_", PrependScheme::always}}, {"_a", "_b"}) == "a| b|");
  CHECK(stream({decode::Metaspace{"_", PrependScheme::never}}, {"_a", "_b"}) == " a| b|");
  CHECK(stream({decode::Replace{{"[ab]+", true}, "*"}}, {"xab", "a"}) == "x*|*|");
  CHECK(stream({decode::Blanks{}}, {"a", "b"}) == "a| b|");
  CHECK(stream({decode::ByteFallback{}, decode::Replace{{"ab", false}, "-"}}, {"<0x61>", "<0x62>", "ab"}) == "||--|");
}

TEST_CASE("Llama's chain gives the same by its short way") {
  const auto slow = [](std::vector<DecoderSpec> specs) {  // a step that changes nothing makes it another chain
    specs.push_back(decode::Replace{{"never", false}, "x"});
    return specs;
  };
  const std::vector<std::string_view> tokens{"_",      "_a",     "<0xC3>", "<0xA9>", "__b_c", "_",     "<0x41>", "d_",    "e",
                                             "<0xFF>", "<0xC3>", "_",      "<0x4>",  "",      "f__g_", "_h",     "<0xE4>"};
  std::uint32_t seed = 7;
  for (const auto& specs : {llama, std::vector<DecoderSpec>{llama[0], llama[1], llama[2]}})
    for (int round = 0; round < 200; ++round) {
      std::vector<std::string_view> some;
      for (int i = 0; i < 12; ++i) some.push_back(tokens[(seed = seed * 1664525 + 1013904223) >> 16 & 15]);
      const auto one = Decoder::compile(specs), two = Decoder::compile(slow(specs));
      std::string got, expected;
      for (const auto* decoder : {&*one, &*two}) {
        auto state = decoder->start();
        std::string& out = decoder == &*one ? got : expected;
        for (const auto token : some) decoder->push(token, state, out);
        decoder->finish(state, out);
      }
      CHECK(got == expected);
    }
}
