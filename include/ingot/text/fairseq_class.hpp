// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/fairseq_class.hpp: transformers' classes that number a SentencePiece model's pieces as fairseq did.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/added_token_list.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/sentencepiece_model.hpp>
#include <ingot/text/tokenizer_files.hpp>

namespace ingot::text {

/// A sentencepiece.bpe.model by itself says neither these numbers nor what goes around a text.
struct FairseqClass {
  /// What a text stands between: <s> … </s>, … </s> and the language, or </s> ….
  enum class Frame : std::uint8_t { sentence, language, separator };
  std::string_view name, model_type;
  std::span<const std::string_view> front;  ///< the pieces with the first ids
  std::size_t replaced = 0;                 ///< how many of the model's own first pieces they stand for
  std::span<const std::string_view> behind = {};
  bool has_mask = true;  ///< <mask> has the last id
  Frame frame = Frame::sentence;
};

namespace fairseq {

inline constexpr std::array<std::string_view, 4> specials{"<s>", "<pad>", "</s>", "<unk>"};
inline constexpr std::array<std::string_view, 5> camembert_specials{"<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"};
inline constexpr std::array<std::string_view, 25> mbart_languages{
    "ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI", "fr_XX", "gu_IN", "hi_IN", "it_IT", "ja_XX", "kk_KZ",
    "ko_KR", "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX", "ro_RO", "ru_RU", "si_LK", "tr_TR", "vi_VN", "zh_CN"};
inline constexpr std::array<std::string_view, 7> xglm_words{"<madeupword0>", "<madeupword1>", "<madeupword2>", "<madeupword3>",
                                                            "<madeupword4>", "<madeupword5>", "<madeupword6>"};
inline constexpr std::array<FairseqClass, 6> classes{{
    {"XLMRobertaTokenizer", "xlm-roberta", specials, 3},
    {"XLMRobertaTokenizer", "xlm-roberta-xl", specials, 3},
    {"XLMRobertaTokenizer", "xmod", specials, 3},
    {"CamembertTokenizer", "camembert", camembert_specials, 1},
    {"MBartTokenizer", "mbart", specials, 3, mbart_languages, true, FairseqClass::Frame::language},
    {"XGLMTokenizer", "xglm", specials, 3, xglm_words, false, FairseqClass::Frame::separator},
}};
/// Those that number pieces so, too, but whose languages or second vocabulary are not known here.
inline constexpr std::array<std::string_view, 8> unsupported_classes{"MBart50Tokenizer",     "NllbTokenizer",     "PLBartTokenizer",
                                                                     "BartphoTokenizer",     "MLukeTokenizer",    "M2M100Tokenizer",
                                                                     "SeamlessM4TTokenizer", "LayoutXLMTokenizer"};

}  // namespace fairseq

/// The class that the files name, or else that of the model's type; null where it is none of these. Errors: unsupported.
[[nodiscard]] inline Result<const FairseqClass*> find_fairseq_class(const TokenizerTraits& traits) {
  const std::string_view name = traits.tokenizer_class;
  if (std::find(fairseq::unsupported_classes.begin(), fairseq::unsupported_classes.end(), name) != fairseq::unsupported_classes.end())
    return Error{ErrorCode::unsupported, "the tokenizer class " + traits.tokenizer_class + " is not supported", "tokenizer_config.json",
                 "use a checkpoint with tokenizer.json"};
  const auto found = std::find_if(fairseq::classes.begin(), fairseq::classes.end(), [&](const FairseqClass& known) {
    return name.empty() ? known.model_type == traits.model_type : known.name == name;
  });
  return found == fairseq::classes.end() ? nullptr : &*found;
}

/// Puts the pieces in the order of the class's ids. Errors: unsupported (the pieces to replace are not where they are in its models).
[[nodiscard]] inline Status renumber(const FairseqClass& own, SentencePieceModel& model) {
  using Type = SentencePieceModel::Type;
  bool fits = model.pieces.size() >= 3 && model.unknown == 0;
  for (std::size_t id = 1; fits && id < 3; ++id) fits = model.pieces[id].type == Type::control;
  if (!fits)
    return Error{ErrorCode::unsupported,
                 "the first pieces are not the unknown, first and last one, as in the models of " + std::string{own.name},
                 "SentencePiece model", "use a checkpoint with tokenizer.json"};
  std::vector<SentencePieceModel::Piece> pieces;
  for (const std::string_view text : own.front) {
    const bool is_unknown = text == "<unk>";
    if (is_unknown) model.unknown = static_cast<std::uint32_t>(pieces.size());
    pieces.push_back({.text = text, .type = is_unknown ? Type::unknown : Type::control});
  }
  pieces.insert(pieces.end(), model.pieces.begin() + static_cast<std::ptrdiff_t>(own.replaced), model.pieces.end());
  model.pieces = std::move(pieces);
  return {};
}

/// Adds the tokens behind the model's `pieces`.
inline void add_tokens_behind(const FairseqClass& own, std::size_t pieces, AddedTokenList& added) {
  auto id = static_cast<std::uint32_t>(pieces);
  for (const std::string_view text : own.behind) added.add({.content = std::string{text}, .special = true}, id++);
  if (own.has_mask) added.add({.content = "<mask>", .special = true, .lstrip = true}, id);
}

/// What goes around a text, and how its pieces become text again. Errors: damaged (a language that there is not).
[[nodiscard]] inline Status frame_text(const FairseqClass& own, const TokenizerTraits& traits, const AddedTokenList& added,
                                       Components& components) {
  const auto ids_of = [&](std::string_view text) {
    const auto id = added.id_of(text);
    return id ? std::vector{*id} : std::vector<std::uint32_t>{};
  };
  const std::vector<std::uint32_t> begin = ids_of("<s>"), end = ids_of("</s>");
  switch (own.frame) {
    case FairseqClass::Frame::sentence:
      components.post_processor = {begin, end};
      break;
    case FairseqClass::Frame::separator:
      components.post_processor = {end, {}};
      break;
    case FairseqClass::Frame::language:
      const auto known = std::find(own.behind.begin(), own.behind.end(), traits.src_lang.value_or("en_XX"));
      if (known == own.behind.end())
        return Error{ErrorCode::damaged, "no such language: " + *traits.src_lang, "tokenizer_config.json, src_lang", {}};
      components.post_processor = {{}, end};
      for (const std::uint32_t id : ids_of(*known)) components.post_processor.suffix.push_back(id);
  }
  constexpr std::uint32_t all = 0xFFFF'FFFF;
  components.decoders = {decode::Replace{{"▁", false}, " "}, decode::Fuse{}, decode::Strip{" ", all, all}};
  return {};
}

}  // namespace ingot::text
