// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/model.hpp: the models a tokenizer may have: what they are made of, and the one that runs.

#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <ingot/text/bpe.hpp>
#include <ingot/text/marked_words.hpp>
#include <ingot/text/token_table.hpp>
#include <ingot/text/token_trie.hpp>
#include <ingot/text/unigram.hpp>
#include <ingot/text/word_level.hpp>
#include <ingot/text/word_piece.hpp>

namespace ingot::text {

/// How a tokenizer turns a piece of text into tokens. A new model is one alternative here and in Model, and one line each in
/// make_model and tokenizer_json::read_model. The order is part of the stored format.
using ModelOptions = std::variant<BpeOptions, UnigramOptions, WordPieceOptions, WordLevelOptions, MarkedWordsOptions>;

/// What models look things up in; views of an image.
struct ModelTables {
  TokenTable tokens;
  MergeTable merges;
  std::span<const double> scores;
  TokenTrie trie;
};

/// A model in use: `encode(piece, scratch, ids)` appends the tokens of one piece, with a `Scratch` of its own.
using Model = std::variant<Bpe, Unigram, WordPiece, WordLevel, MarkedWords>;

/// Working memory of one thread, for whichever model.
using ModelScratch = std::tuple<Bpe::Scratch, Unigram::Scratch, WordPiece::Scratch, WordLevel::Scratch, MarkedWords::Scratch>;

/// True where pieces may be raw bytes that stand for their characters of the byte alphabet (PreTokenizer::raw_bytes).
[[nodiscard]] inline bool takes_raw_bytes(const ModelOptions& options) noexcept { return std::holds_alternative<BpeOptions>(options); }

/// `raw_bytes`: pieces are such bytes.
[[nodiscard]] inline Model make_model(ModelOptions options, const ModelTables& tables, bool raw_bytes) {
  return std::visit(
      [&]<class Options>(Options& own) -> Model {
        if constexpr (std::is_same_v<Options, BpeOptions>) return Bpe{tables.tokens, tables.merges, std::move(own), raw_bytes};
        if constexpr (std::is_same_v<Options, UnigramOptions>) return Unigram{tables.tokens, tables.scores, tables.trie, own};
        if constexpr (std::is_same_v<Options, WordPieceOptions>) return WordPiece{tables.tokens, std::move(own)};
        if constexpr (std::is_same_v<Options, WordLevelOptions>) return WordLevel{tables.tokens, own};
        if constexpr (std::is_same_v<Options, MarkedWordsOptions>) return MarkedWords{tables.tokens, std::move(own)};
      },
      options);
}

}  // namespace ingot::text
