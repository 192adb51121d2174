// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/sentencepiece_reader.hpp: what a SentencePiece model means as a tokenizer.

#include <algorithm>
#include <array>
#include <cfloat>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/fairseq_class.hpp>
#include <ingot/text/ranked_merges.hpp>
#include <ingot/text/sentencepiece_model.hpp>
#include <ingot/text/tokenizer_files.hpp>

namespace ingot::text {

/// Turns one model into a Definition. Not through libsentencepiece, though tests compare with it: what is exported must run where that
/// library is not, so its rules have to be ours in any case, and reading the file is the smaller part of them.
class SentencePieceReader {
 public:
  using Kind = SentencePieceModel::Kind;
  using Type = SentencePieceModel::Type;
  /// `fairseq`: the class by which the model has been renumbered, or null.
  SentencePieceReader(const SentencePieceModel& model, const TokenizerFiles& files, const FairseqClass* fairseq) noexcept
      : model_{model}, files_{files}, fairseq_{fairseq} {}

  [[nodiscard]] Result<Definition> read(const TokenizerTraits& traits) && {
    if (!model_.denormalizer_charsmap.empty())
      return Error{ErrorCode::unsupported, "denormalization rules are not supported", "SentencePiece model", {}};
    for (const auto& piece : model_.pieces) definition_.vocabulary.emplace_back(std::string{piece.text});
    INGOT_CHECK(set_model());
    INGOT_CHECK(set_normalizer(traits));
    INGOT_CHECK(add_tokens_around(traits));
    return std::move(definition_);
  }

 private:
  [[nodiscard]] bool has_type(std::size_t id, Type type) const noexcept { return model_.pieces[id].type == type; }
  /// Pieces that a text can be cut into. A user-defined one is taken before any merge and never merged.
  [[nodiscard]] bool is_mergeable(std::size_t id) const noexcept { return has_type(id, Type::normal) || has_type(id, Type::unused); }
  [[nodiscard]] std::vector<std::uint32_t> all_of(Type type) const {
    std::vector<std::uint32_t> ids;
    for (std::size_t id = 0; id < model_.pieces.size(); ++id)
      if (has_type(id, type)) ids.push_back(static_cast<std::uint32_t>(id));
    return ids;
  }

  [[nodiscard]] Status set_model() {
    for (const std::uint32_t id : all_of(Type::byte))
      if (!model_.byte_fallback || !fallback_byte(model_.pieces[id].text))
        return Error{ErrorCode::damaged, "a byte piece that is none", "piece " + std::to_string(id), {}};
    if (model_.byte_fallback && all_of(Type::byte).size() != 256)
      return Error{ErrorCode::damaged, "not 256 byte pieces", "SentencePiece model", {}};
    Components& components = definition_.components;
    if (model_.kind == Kind::unigram) {
      set_scores();
      return {};
    }
    if (model_.kind == Kind::word) {
      MarkedWordsOptions options{.unknown = model_.unknown, .byte_fallback = model_.byte_fallback};
      for (std::size_t id = 0; id < model_.pieces.size(); ++id)
        if (!has_type(id, Type::normal) && !has_type(id, Type::user_defined)) options.unspoken.push_back(static_cast<std::uint32_t>(id));
      components.model = std::move(options);
      return {};
    }
    BpeOptions options{.unknown = model_.unknown, .fuse_unknown = true, .byte_fallback = model_.byte_fallback};
    options.whole = all_of(Type::user_defined);
    options.unused = all_of(Type::unused);
    if (model_.kind == Kind::bpe) {
      std::vector<float> scores;
      for (const auto& piece : model_.pieces) scores.push_back(piece.score);
      TokenIds ids;
      for (std::size_t id = 0; id < model_.pieces.size(); ++id)
        if (is_mergeable(id)) ids.emplace(model_.pieces[id].text, static_cast<std::uint32_t>(id));
      definition_.merges = merges_of_splits(ids, ranks_of(scores));
    }
    components.model = std::move(options);
    return {};
  }

  /// The arithmetic is that of libsentencepiece 0.2.3, single precision included: ties depend on it.
  void set_scores() {
    float lowest = FLT_MAX;
    for (const auto& piece : model_.pieces)
      if (piece.type == Type::normal) lowest = std::min(lowest, piece.score);
    for (const auto& piece : model_.pieces) {
      double score = std::numeric_limits<double>::quiet_NaN();
      if (piece.type == Type::normal) score = piece.score;
      if (piece.type == Type::user_defined) score = static_cast<float>(0.1 * (static_cast<double>(piece.text.size()) - 1));
      definition_.scores.push_back(score);
    }
    definition_.components.model = UnigramOptions{.unknown = model_.unknown,
                                                  .unknown_score = lowest - unknown_penalty,
                                                  .byte_fallback = model_.byte_fallback,
                                                  .single_precision = true};
  }

  [[nodiscard]] Status set_normalizer(const TokenizerTraits& traits) {
    normalize::SentencePiece rules;
    if (!model_.charsmap.empty()) {
      INGOT_TRY(rules.rules, Charsmap::parse(model_.charsmap));
    }
    for (const std::uint32_t id : all_of(Type::user_defined)) rules.kept.emplace_back(model_.pieces[id].text);
    rules.remove_extra_whitespaces = model_.remove_extra_whitespaces;
    rules.escape_whitespaces = model_.escape_whitespaces;
    rules.prefix = !model_.add_dummy_prefix ? DummyPrefix::none : model_.whitespace_as_suffix ? DummyPrefix::suffix : DummyPrefix::always;
    const bool has_legacy = traits.tokenizer_class == "LlamaTokenizer" || traits.tokenizer_class == "T5Tokenizer";
    if (has_legacy && !traits.legacy.value_or(true)) {
      // These classes put the blank in front themselves, whatever the model says, and take it off their output.
      rules.prefix = traits.add_prefix_space.value_or(true) ? DummyPrefix::first : DummyPrefix::none;
    }
    const bool strips = rules.prefix == DummyPrefix::first || model_.add_dummy_prefix || model_.remove_extra_whitespaces;
    definition_.components.decoders = {
        decode::SentencePiece{.bytes = model_.byte_fallback, .strip_first = strips, .strip_all = model_.remove_extra_whitespaces}};
    definition_.components.normalizers.emplace_back(std::move(rules));
    return {};
  }

  /// Control pieces and the unknown one are cut out of texts, as transformers does, then the files' own tokens.
  [[nodiscard]] Status add_tokens_around(const TokenizerTraits& traits) {
    Components& components = definition_.components;
    const auto id = [&](std::string_view text) {
      const std::uint32_t found = model_.find(Type::control, text);
      return found == no_token ? std::nullopt : std::optional{found};
    };
    components.bos = id(model_.bos_piece);
    components.eos = id(model_.eos_piece);
    TokenIds ids;
    for (std::size_t piece = 0; piece < model_.pieces.size(); ++piece)
      ids.insert_or_assign(model_.pieces[piece].text, static_cast<std::uint32_t>(piece));
    AddedTokenList added{ids, true};
    for (std::size_t piece = 0; piece < model_.pieces.size(); ++piece)
      if (has_type(piece, Type::control) || has_type(piece, Type::unknown))
        added.add({.content = std::string{model_.pieces[piece].text}, .special = true}, static_cast<std::uint32_t>(piece));
    if (traits.tokenizer_class == "T5Tokenizer")  // by falling id, as the class numbers them
      for (std::uint32_t i = 0; i < traits.extra_ids; ++i)
        added.add({.content = "<extra_id_" + std::to_string(i) + ">", .special = true},
                  static_cast<std::uint32_t>(model_.pieces.size()) + traits.extra_ids - 1 - i);
    if (fairseq_ != nullptr) add_tokens_behind(*fairseq_, model_.pieces.size(), added);
    INGOT_CHECK(add_tokens(files_, definition_, added));
    if (fairseq_ != nullptr)
      INGOT_CHECK(frame_text(*fairseq_, traits, added, components));
    else
      frame_text(traits, adds_bos(traits.tokenizer_class), traits.tokenizer_class == "T5Tokenizer", components);
    finish_added(std::move(added), definition_);
    return {};
  }
  [[nodiscard]] static bool adds_bos(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 3> classes{"LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer"};
    return std::find(classes.begin(), classes.end(), name) != classes.end();
  }

  const SentencePieceModel& model_;
  const TokenizerFiles& files_;
  const FairseqClass* fairseq_;
  Definition definition_;
};

}  // namespace ingot::text
