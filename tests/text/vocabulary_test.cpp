// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/vocabulary.hpp>

#include <ingot/text/tokenizer.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
using Ids = std::vector<std::int32_t>;

Vocabulary byte_vocabulary() {
  return {.model = "gpt2",
          .pre = "llama-bpe",
          .name = {},
          .tokens = {"a", "b", "ab", "<s>", "<u>"},
          .merges = {"a b"},
          .scores = {},
          .types = {1, 1, 1, 3, 4},
          .bos = 3,
          .eos = {},
          .unknown = {},
          .classifier = {},
          .separator = {},
          .add_bos = {},
          .add_eos = {},
          .add_space_prefix = {}};
}
Vocabulary sentencepiece() {
  return {.model = "llama",
          .pre = {},
          .name = "Phi-3 mini",
          .tokens = {"<unk>", "<s>", "</s>", "<0x0A>", "▁", "a", "b", "▁a", "ab", "<x>"},
          .merges = {},
          .scores = {0, 0, 0, 0, -4, -5, -6, -2, -1, 0},
          .types = {2, 3, 3, 6, 1, 1, 1, 1, 1, 4},
          .bos = 1,
          .eos = 2,
          .unknown = 0,
          .classifier = {},
          .separator = {},
          .add_bos = {},
          .add_eos = {},
          .add_space_prefix = {}};
}
Vocabulary word_piece() {
  return {.model = "bert",
          .pre = {},
          .name = {},
          .tokens = {"[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "▁hello", "▁he", "llo", "o", "▁,"},
          .merges = {},
          .scores = {},
          .types = {3, 1, 3, 3, 3, 1, 1, 1, 1, 1},
          .bos = {},
          .eos = {},
          .unknown = 2,
          .classifier = 3,
          .separator = 4,
          .add_bos = {},
          .add_eos = {},
          .add_space_prefix = {}};
}
Tokenizer make(const Vocabulary& vocabulary) {
  const auto definition = read_vocabulary(vocabulary);
  REQUIRE(definition);
  return *Tokenizer::create(*definition);
}
}  // namespace

TEST_CASE("byte-level BPE with the preset's habits") {
  const auto tokenizer = make(byte_vocabulary());
  CHECK(*tokenizer.encode("abb<s>a<u>") == Ids{3, 2, 1, 3, 0, 4});  // llama-bpe adds BOS unless told otherwise
  CHECK((tokenizer.is_special(3) && !tokenizer.is_special(4) && tokenizer.bos() == 3));
  auto plain = byte_vocabulary();
  plain.add_bos = false;
  CHECK(*make(plain).encode("ab") == Ids{2});
}

TEST_CASE("SentencePiece BPE by scores") {
  const auto tokenizer = make(sentencepiece());
  CHECK(*tokenizer.encode("ab") == Ids{1, 4, 8});  // a+b scores better than ▁+a
  CHECK(*tokenizer.encode("a\n\u00e9") == Ids{1, 7, 3, 0});
  CHECK(tokenizer.decode(Ids{4, 8, 3}) == "ab\n");
  CHECK(*tokenizer.encode("a<x>  a", false) == Ids{7, 9, 7});  // phi-3's added tokens take the white space behind them
}

TEST_CASE("WordPiece, spelled as BERT does") {
  const auto tokenizer = make(word_piece());
  CHECK(*tokenizer.encode("H\u00c9llo, hello") == Ids{3, 5, 9, 5, 4});
  CHECK(*tokenizer.encode("heo hex", false) == Ids{6, 8, 2});
  CHECK(tokenizer.decode(Ids{6, 7, 9, 1}) == "hello, [unused0]");
  CHECK((tokenizer.token(7) == "##llo" && tokenizer.token(1) == "[unused0]" && tokenizer.token(9) == ","));
  CHECK((tokenizer.bos() == 3 && tokenizer.eos() == 4));
  auto beyond = word_piece();
  beyond.classifier = {};  // 101, as in BERT's own vocabulary
  CHECK(read_vocabulary(beyond).error().code == ErrorCode::damaged);
}

TEST_CASE("lists that do not fit are damaged") {
  auto v = byte_vocabulary();
  v.merges = {};
  CHECK(read_vocabulary(v).error().code == ErrorCode::damaged);
  v.merges = {"ab"};
  CHECK(read_vocabulary(v).error().code == ErrorCode::damaged);
  v.merges = {"b a"};
  CHECK(read_vocabulary(v).error().code == ErrorCode::damaged);
  v = byte_vocabulary();
  v.types.pop_back();
  CHECK(read_vocabulary(v).error().code == ErrorCode::damaged);
  v = byte_vocabulary();
  v.bos = 5;
  CHECK(read_vocabulary(v).error().code == ErrorCode::damaged);
  v = sentencepiece();
  v.scores.pop_back();
  CHECK(read_vocabulary(v).error().code == ErrorCode::damaged);
  CHECK(read_vocabulary({}).error().code == ErrorCode::damaged);
}

TEST_CASE("unknown models and pre-tokenizers are named") {
  auto v = byte_vocabulary();
  v.pre = "nonesuch";
  CHECK(read_vocabulary(v).error().code == ErrorCode::unsupported);
  CHECK(read_vocabulary(v).error().message().find("nonesuch") != std::string::npos);
  v.model = "rwkv";
  CHECK(read_vocabulary(v).error().code == ErrorCode::unsupported);
}

TEST_CASE("t5: the most likely pieces, between a blank and EOS") {
  Vocabulary source;
  source.model = "t5";
  source.tokens = {"<pad>", "</s>", "<unk>", "\u2581", "\u2581a", "b", "\u2581ab", "c"};
  source.scores = {0, 0, 0, -2, -3, -3, -7, -4};
  source.types = {3, 3, 2, 1, 1, 1, 1, 1};
  source.eos = 1;
  const auto ids = [&](std::string_view text) {
    const auto definition = read_vocabulary(source);
    REQUIRE(definition);
    const auto tokenizer = Tokenizer::create(*definition);
    REQUIRE(tokenizer);
    CHECK(tokenizer->decode(*tokenizer->encode("ab  c")) == (source.remove_extra_whitespaces ? "ab c</s>" : "ab  c</s>"));
    return *tokenizer->encode(text);
  };
  CHECK(ids("ab  xyc") == std::vector<std::int32_t>{4, 5, 3, 3, 2, 7, 1});
  source.remove_extra_whitespaces = true;
  CHECK(ids(" ab  c ") == std::vector<std::int32_t>{4, 5, 3, 7, 1});
  source.scores.pop_back();
  CHECK(read_vocabulary(source).error().code == ErrorCode::damaged);
}

TEST_CASE("gemma4: merges of characters behind BOS, with bytes for what has no token") {
  Vocabulary source;
  source.model = "gemma4";
  source.tokens = {"<unk>", "<bos>", "\n", "\n\n", "\u2581", "a", "b", "ab", "\u2581ab", "<0xC3>", "<0xA9>"};
  source.types = {2, 3, 1, 1, 1, 1, 1, 1, 1, 6, 6};
  source.merges = {"a b", "\u2581 ab"};
  source.bos = 1, source.unknown = 0, source.add_bos = false;
  const auto definition = read_vocabulary(source);
  REQUIRE(definition);
  const auto tokenizer = Tokenizer::create(*definition);
  REQUIRE(tokenizer);
  const std::string text = "ab ab\n\n\na\u00e9";
  CHECK(*tokenizer->encode(text) == std::vector<std::int32_t>{1, 7, 8, 3, 2, 5, 9, 10});
  CHECK(tokenizer->decode(*tokenizer->encode(text, false)) == text);
  source.model = "gpt2", source.pre = "granite-embed-multi-311m";
  const auto granite = Tokenizer::create(*read_vocabulary(source));
  REQUIRE(granite);
  CHECK(*granite->encode("ab") == std::vector<std::int32_t>{1, 7});
  source.pre = "mmbert";
  CHECK(*make(source).encode("ab  ab\nab") == Ids{8, 4, 8, 2, 8});
  CHECK(make(source).decode(Ids{8, 4, 8}) == "ab  ab");
}

TEST_CASE("sarvam-moe: merges of characters within lines, without BOS unless asked") {
  Vocabulary source;
  source.model = "gpt2", source.pre = "sarvam-moe";
  source.tokens = {"<unk>", "<bos>", "\n", "\n\n", "\u2581", "a", "b", "ab", "\u2581ab", "a\n"};
  source.types = {2, 3, 1, 1, 1, 1, 1, 1, 1, 1};
  source.merges = {"a \n", "\n \n", "a b", "\u2581 ab"};
  source.bos = 1;
  CHECK(*make(source).encode("ab ab\n\n\na\n") == Ids{7, 8, 3, 2, 5, 2});
  source.add_bos = true;
  CHECK(*make(source).encode("a") == Ids{1, 5});
}

TEST_CASE("whitespace: merges of characters within words, without bytes") {
  Vocabulary source;
  source.model = "gpt2", source.pre = "whitespace";
  source.tokens = {"a", "b", "ab", " ", "\u4f60", "\u597d", "\u4f60\u597d", "<s>", "</s>"};
  source.types = {1, 1, 1, 1, 1, 1, 1, 3, 3};
  source.merges = {"a b", "\u4f60 \u597d"};
  source.bos = 7, source.eos = 8;
  const std::string text = "AB ab\u4f60\u597d\tb";
  CHECK(*make(source).encode(text) == Ids{3, 2, 6, 1});  // as a pre-tokenizer alone it keeps blanks, and letters as they are
  source.model = "whitespace", source.add_bos = true, source.add_eos = true;
  CHECK(*make(source).encode(text) == Ids{7, 2, 6, 1, 8});
  source.lowercase = true;
  CHECK(*make(source).encode(text) == Ids{7, 2, 2, 6, 1, 8});
  CHECK(make(source).decode(Ids{2, 6}) == "ab\u4f60\u597d");
}

TEST_CASE("letters of a BERT vocabulary as the file says") {
  auto source = word_piece();
  source.tokens[6] = "\u2581He";
  source.lowercase = false;
  CHECK(*make(source).encode("Hello", false) == Ids{6, 7});
  CHECK(*make(source).encode("H\u00e9llo", false) == Ids{2});  // accents stay, too
  source.strip_accents = true;
  CHECK(*make(source).encode("H\u00e9llo", false) == Ids{6, 7});
}

TEST_CASE("masks that take the white space before them") {
  auto source = byte_vocabulary();
  source.tokens = {"a", "\u0120", "<mask>", "[MASK]"};
  source.types = {1, 1, 3, 3};
  source.merges = {"a a"};
  source.tokens.push_back("aa"), source.types.push_back(1);
  source.bos = {};
  source.pre = "jina-v2-de";
  CHECK(*make(source).encode("a <mask> [MASK]") == Ids{0, 2, 1, 3});
  source.pre = "gpt-2";
  CHECK(*make(source).encode("a <mask>") == Ids{0, 1, 2});
  source.name = "Modern-BERT base";
  CHECK(*make(source).encode("a <mask> [MASK]") == Ids{0, 1, 2, 3});
  source.architecture = "jina-bert-v3";
  CHECK(*make(source).encode("a <mask> [MASK]") == Ids{0, 2, 1, 3});
}
