// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/vocabulary.hpp: tokenizers from a GGUF file's vocabulary.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/added_token_list.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/vocabulary_presets.hpp>

namespace ingot::text {

/// The `tokenizer.ggml.*` values of a GGUF file; views of the file. An absent list is empty, an absent value nothing.
struct Vocabulary {
  std::string_view model;                ///< gpt2 (byte-level BPE), llama (SentencePiece BPE) or bert (WordPiece)
  std::string_view pre;                  ///< how gpt2 splits text; empty means "default"
  std::string_view name;                 ///< general.name, which decides on white space behind phi-3's special tokens
  std::vector<std::string_view> tokens;  ///< by id
  std::vector<std::string_view> merges;  ///< "left right", by falling priority (gpt2)
  std::vector<float> scores;             ///< by id (llama)
  std::vector<std::int32_t> types;       ///< by id, see TokenType; empty means that all are normal
  std::optional<std::uint32_t> bos, eos, unknown;
  std::optional<std::uint32_t> classifier, separator;  ///< bert's [CLS] and [SEP]
  std::optional<bool> add_bos, add_eos, add_space_prefix;
};

/// `tokenizer.ggml.token_type`.
enum class TokenType : std::int32_t { undefined, normal, unknown, control, user_defined, unused, byte };

/// Reads one Vocabulary.
class VocabularyReader {
 public:
  explicit VocabularyReader(const Vocabulary& source) noexcept : source_{source} {}

  [[nodiscard]] Result<Definition> read() && {
    if (source_.tokens.empty()) return damaged("no tokens", "tokens");
    if (source_.tokens.size() > max_tokens) return damaged("more tokens than the limit of " + std::to_string(max_tokens), "tokens");
    if (!source_.types.empty() && source_.types.size() != source_.tokens.size()) return damaged("not one for each token", "token_type");
    for (const auto id : {source_.bos, source_.eos, source_.unknown, source_.classifier, source_.separator})
      if (id && *id >= source_.tokens.size() && *id != no_token)
        return damaged("special token beyond the vocabulary", "bos, eos, unknown, cls or seperator_token_id");
    add_tokens();
    if (source_.model == "gpt2") {
      INGOT_CHECK(read_byte_level());
    } else if (source_.model == "llama") {
      INGOT_CHECK(read_sentencepiece());
    } else if (source_.model == "bert") {
      INGOT_CHECK(read_word_piece());
    } else {
      return unsupported("tokenizer model", source_.model);
    }
    return std::move(definition_);
  }

 private:
  static Error damaged(std::string what, std::string_view key) {
    return {ErrorCode::damaged, std::move(what), "tokenizer.ggml." + std::string{key}, {}};
  }
  static Error unsupported(std::string_view kind, std::string_view name) {
    return {ErrorCode::unsupported, std::string{kind} + " \"" + std::string{name} + "\" is not supported", "GGUF vocabulary",
            "use a checkpoint with tokenizer.json"};
  }
  [[nodiscard]] TokenType type(std::size_t id) const noexcept {
    return source_.types.empty() ? TokenType::normal : static_cast<TokenType>(source_.types[id]);
  }

  /// Every token by id; control, unknown and user-defined ones are cut out of the text as added tokens.
  void add_tokens() {
    std::string name;
    for (const char c : source_.name) name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    const bool phi3 = name.find("phi-3") != std::string::npos || name.find("phi3") != std::string::npos;
    definition_.vocabulary.resize(source_.tokens.size());
    for (std::size_t id = 0; id < source_.tokens.size(); ++id) {
      definition_.vocabulary[id].emplace();
      append_lossy(*definition_.vocabulary[id], source_.tokens[id], true);
      if (source_.model == "bert") respell(*definition_.vocabulary[id]);
      const std::string& text = *definition_.vocabulary[id];
      const TokenType kind = type(id);
      if (text.empty() || (kind != TokenType::control && kind != TokenType::user_defined && kind != TokenType::unknown)) continue;
      const bool rstrip = phi3 && text != "<unk>" && text != "<s>" && text != "<|endoftext|>";
      definition_.added.push_back(
          {.content = text, .id = static_cast<std::uint32_t>(id), .special = kind != TokenType::user_defined, .rstrip = rstrip});
    }
    ids_.reserve(definition_.vocabulary.size());
    for (std::size_t id = 0; id < definition_.vocabulary.size(); ++id)
      ids_.insert_or_assign(*definition_.vocabulary[id], static_cast<std::uint32_t>(id));
    definition_.components.bos = source_.bos == no_token ? std::nullopt : source_.bos;
    definition_.components.eos = source_.eos == no_token ? std::nullopt : source_.eos;
  }

  /// llama.cpp marks the tokens that begin a word, BERT those that do not; neither marks [CLS] and its like.
  static void respell(std::string& text) {
    constexpr std::string_view mark = "▁";
    if (text.starts_with(mark))
      text.erase(0, mark.size());
    else if (!text.starts_with('[') || !text.ends_with(']'))
      text.insert(0, "##");
  }

  /// BOS and EOS around a text, as the file says or else as is usual for the model.
  void frame_text(bool bos, bool eos) {
    Components& components = definition_.components;
    if (source_.add_bos.value_or(bos) && components.bos) components.post_processor.prefix = {*components.bos};
    if (source_.add_eos.value_or(eos) && components.eos) components.post_processor.suffix = {*components.eos};
  }

  [[nodiscard]] Status read_byte_level() {
    const VocabularyPreset* preset = find_preset(source_.pre.empty() ? "default" : source_.pre);
    if (preset == nullptr) return unsupported("pre-tokenizer", source_.pre);
    Components& components = definition_.components;
    for (const std::string_view pattern : preset->patterns)
      if (!pattern.empty())
        components.pre_tokenizers.emplace_back(pre::Split{{std::string{pattern}, true}, SplitBehavior::isolated, false});
    components.pre_tokenizers.emplace_back(pre::ByteLevel{false, false});
    if (preset->nfc) components.normalizers.emplace_back(normalize::Unicode{normalize::Form::nfc});
    components.decoders.emplace_back(decode::ByteLevel{});
    components.model = BpeOptions{.ignore_merges = preset->ignore_merges};
    frame_text(preset->add_bos, false);

    if (source_.merges.empty()) return damaged("no merges", "merges");
    std::string joined;
    for (std::size_t rank = 0; rank < source_.merges.size(); ++rank) {
      const std::string_view merge = source_.merges[rank];
      const std::size_t blank = merge.find(' ', 1);
      if (blank == std::string_view::npos) return damaged("not two tokens in merge " + std::to_string(rank), "merges");
      joined.assign(merge.substr(0, blank)).append(merge.substr(blank + 1));
      const auto left = ids_.find(merge.substr(0, blank)), right = ids_.find(merge.substr(blank + 1)), result = ids_.find(joined);
      if (left == ids_.end() || right == ids_.end() || result == ids_.end())
        return damaged("a token that the vocabulary lacks in merge " + std::to_string(rank), "merges");
      definition_.merges.push_back({left->second, right->second, static_cast<std::uint32_t>(rank), result->second});
    }
    return {};
  }

  /// SentencePiece joins the pair whose union scores best. Every split of a token in two tokens is such a pair, and
  /// equal scores are equal ranks, so this is BPE over the same merges.
  [[nodiscard]] Status read_sentencepiece() {
    if (source_.scores.size() != source_.tokens.size()) return damaged("not one for each token", "scores");
    std::vector<float> best = source_.scores;
    std::sort(best.begin(), best.end(), std::greater<>{});
    best.erase(std::unique(best.begin(), best.end()), best.end());
    const auto mergeable = [&](std::size_t id) { return type(id) == TokenType::normal || type(id) == TokenType::user_defined; };
    for (std::size_t id = 0; id < source_.tokens.size(); ++id) {
      const std::string_view text = *definition_.vocabulary[id];
      if (!mergeable(id) || text.size() > max_sentencepiece_bytes || ids_.at(text) != id) continue;
      const auto rank = std::lower_bound(best.begin(), best.end(), source_.scores[id], std::greater<>{}) - best.begin();
      for (std::size_t at = text.empty() ? 0 : code_point_size(text[0]); at < text.size(); at += code_point_size(text[at])) {
        const auto left = ids_.find(text.substr(0, at)), right = ids_.find(text.substr(at));
        if (left == ids_.end() || right == ids_.end() || !mergeable(left->second) || !mergeable(right->second)) continue;
        definition_.merges.push_back({left->second, right->second, static_cast<std::uint32_t>(rank), static_cast<std::uint32_t>(id)});
      }
    }
    Components& components = definition_.components;
    const Pattern mark{"▁", false}, blank{" ", false};
    const bool prefix = source_.add_space_prefix.value_or(true);
    if (prefix) components.normalizers.emplace_back(normalize::Prepend{mark.text});
    components.normalizers.emplace_back(normalize::Replace{blank, mark.text});
    components.model = BpeOptions{.unknown = source_.unknown.value_or(no_token), .fuse_unknown = true, .byte_fallback = true};
    components.decoders = {decode::Replace{mark, blank.text}, decode::ByteFallback{}, decode::Fuse{}};
    if (prefix) components.decoders.emplace_back(decode::Strip{blank.text, 1, 0});
    frame_text(true, false);
    return {};
  }

  /// Ids that old files leave out are those of BERT's own vocabulary, as in llama.cpp.
  [[nodiscard]] Status read_word_piece() {
    Components& components = definition_.components;
    WordPieceOptions options;
    options.unknown = source_.unknown.value_or(100);
    components.bos = source_.bos.value_or(source_.classifier.value_or(101));
    components.eos = source_.separator.value_or(source_.eos.value_or(102));
    for (const std::uint32_t id : {options.unknown, *components.bos, *components.eos})
      if (id >= source_.tokens.size()) return damaged("special token beyond the vocabulary", "unknown, cls or seperator_token_id");
    components.model = std::move(options);
    components.normalizers.emplace_back(normalize::Bert{});
    components.pre_tokenizers = {pre::WhitespaceSplit{}, pre::Punctuation{SplitBehavior::isolated}};
    components.decoders.emplace_back(decode::WordPiece{});
    components.post_processor = {{*components.bos}, {*components.eos}};
    return {};
  }

  static constexpr std::size_t max_sentencepiece_bytes = 1024;  // splits are tried at every place: bounds the work for hostile files
  const Vocabulary& source_;
  Definition definition_;
  TokenIds ids_;
};

/// The tokenizer of a GGUF vocabulary. Errors: damaged (lists that do not fit together), unsupported (model or pre).
[[nodiscard]] inline Result<Definition> read_vocabulary(const Vocabulary& vocabulary) { return VocabularyReader{vocabulary}.read(); }

}  // namespace ingot::text
