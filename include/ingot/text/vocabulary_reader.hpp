// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/vocabulary_reader.hpp: what a GGUF file's vocabulary means as a tokenizer.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/added_token_list.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/ranked_merges.hpp>
#include <ingot/text/vocabulary.hpp>
#include <ingot/text/vocabulary_presets.hpp>

namespace ingot::text {

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
    if (source_.model == "gemma4" ||
        (source_.model == "gpt2" && is_one_of(source_.pre, {"gemma4", "granite-embed-multi-311m", "mmbert"}))) {
      INGOT_CHECK(read_gemma());
    } else if (source_.model == "gpt2" && source_.pre == "sarvam-moe") {
      INGOT_CHECK(read_characters());
    } else if (source_.model == "whitespace" || (source_.model == "gpt2" && source_.pre == "whitespace")) {
      INGOT_CHECK(read_words());
    } else if (source_.model == "gpt2") {
      INGOT_CHECK(read_byte_level());
    } else if (source_.model == "llama") {
      INGOT_CHECK(read_sentencepiece());
    } else if (source_.model == "bert") {
      INGOT_CHECK(read_word_piece());
    } else if (source_.model == "t5") {
      INGOT_CHECK(read_unigram());
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
  static bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }
  [[nodiscard]] TokenType type(std::size_t id) const noexcept {
    return source_.types.empty() ? TokenType::normal : static_cast<TokenType>(source_.types[id]);
  }

  /// Every token by id; control, unknown and user-defined ones are cut out of the text as added tokens.
  void add_tokens() {
    std::string name;
    for (const char c : source_.name) name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    const bool phi3 = name.find("phi-3") != std::string::npos || name.find("phi3") != std::string::npos;
    const std::string_view greedy_mask = is_one_of(source_.pre, {"jina-v2-de", "jina-v2-es", "jina-v2-code", "mmbert"}) ||
                                                 is_one_of(source_.architecture, {"nomic-bert-moe", "jina-bert-v3"})
                                             ? "<mask>"
                                         : !phi3 && name.find("modern-bert") != std::string::npos ? "[MASK]"
                                                                                                  : "";
    definition_.vocabulary.resize(source_.tokens.size());
    for (std::size_t id = 0; id < source_.tokens.size(); ++id) {
      definition_.vocabulary[id].emplace();
      append_lossy(*definition_.vocabulary[id], source_.tokens[id], true);
      if (source_.model == "bert") respell(*definition_.vocabulary[id]);
      const std::string& text = *definition_.vocabulary[id];
      const TokenType kind = type(id);
      if (text.empty() || (kind != TokenType::control && kind != TokenType::user_defined && kind != TokenType::unknown)) continue;
      const bool rstrip = phi3 && !is_one_of(text, {"<unk>", "<s>", "<|endoftext|>"});
      definition_.added.push_back({.content = text,
                                   .id = static_cast<std::uint32_t>(id),
                                   .special = kind != TokenType::user_defined,
                                   .lstrip = text == greedy_mask,
                                   .rstrip = rstrip});
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
    return read_merges();
  }

  /// Merges of characters within lines, blanks as U+2581.
  [[nodiscard]] Status read_characters() {
    mark_blanks(false);
    definition_.components.pre_tokenizers.emplace_back(pre::Split{{R"(\n+)", true}, SplitBehavior::isolated, false});
    frame_text(false, false);
    return read_merges();
  }

  /// The same behind BOS, and runs of line breaks that are tokens are taken whole. Files say add_bos_token false and mean true, as
  /// llama.cpp found; but not those of mmBERT, which merges within words that begin with a blank.
  [[nodiscard]] Status read_gemma() {
    for (std::size_t id = 0; id < definition_.vocabulary.size(); ++id) {
      const std::string& text = *definition_.vocabulary[id];
      if (type(id) == TokenType::normal && !text.empty() && text.find_first_not_of('\n') == std::string::npos)
        definition_.added.push_back({.content = text, .id = static_cast<std::uint32_t>(id), .special = false});
    }
    INGOT_CHECK(read_characters());
    Components& components = definition_.components;
    if (source_.pre == "mmbert") {
      components.pre_tokenizers.emplace_back(pre::Metaspace{});
      components.decoders.emplace_back(decode::Strip{" ", 1, 0});
    } else if (components.bos) {
      components.post_processor.prefix = {*components.bos};
    }
    return {};
  }

  /// jina-embeddings-v2-base-zh: merges of characters within words; a character without a token is dropped. The model "whitespace" drops
  /// white space, too, and has small letters unless pre is "whitespace" or the file says otherwise.
  [[nodiscard]] Status read_words() {
    Components& components = definition_.components;
    const bool drops = source_.model == "whitespace";
    if (drops && source_.lowercase.value_or(source_.pre != "whitespace")) components.normalizers.emplace_back(normalize::Lowercase{});
    if (drops)
      components.pre_tokenizers.emplace_back(pre::WhitespaceSplit{});
    else
      components.pre_tokenizers.emplace_back(pre::Split{{R"(\S+)", true}, SplitBehavior::isolated, false});
    components.model = BpeOptions{.byte_fallback = true};
    components.decoders = {decode::ByteFallback{}, decode::Fuse{}};
    frame_text(false, false);
    return read_merges();
  }

  /// "left right" by falling priority; both and what they join to are tokens.
  [[nodiscard]] Status read_merges() {
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

  [[nodiscard]] Status check_scores() const {
    if (source_.scores.size() != source_.tokens.size()) return damaged("not one for each token", "scores");
    if (std::any_of(source_.scores.begin(), source_.scores.end(), [](float score) { return std::isnan(score); }))
      return damaged("not a number", "scores");
    return {};
  }

  [[nodiscard]] Status read_sentencepiece() {
    INGOT_CHECK(check_scores());
    TokenIds mergeable;
    for (const auto& [text, id] : ids_)
      if (type(id) == TokenType::normal || type(id) == TokenType::user_defined) mergeable.emplace(text, id);
    definition_.merges = merges_of_splits(mergeable, ranks_of(source_.scores));
    mark_blanks(source_.add_space_prefix.value_or(true));
    frame_text(true, false);
    return {};
  }

  /// BPE of characters and of bytes where they have no token, behind blanks as U+2581; `prefix`: one more in front.
  void mark_blanks(bool prefix) {
    Components& components = definition_.components;
    const Pattern mark{"▁", false}, blank{" ", false};
    if (prefix) components.normalizers.emplace_back(normalize::Prepend{mark.text});
    components.normalizers.emplace_back(normalize::Replace{blank, mark.text});
    components.model = BpeOptions{.unknown = source_.unknown.value_or(no_token), .fuse_unknown = true, .byte_fallback = true};
    components.decoders = {decode::Replace{mark, blank.text}, decode::ByteFallback{}, decode::Fuse{}};
    if (prefix) components.decoders.emplace_back(decode::Strip{blank.text, 1, 0});
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
    const bool lowercase = source_.lowercase.value_or(true);
    components.normalizers.emplace_back(
        normalize::Bert{.strip_accents = source_.strip_accents.value_or(lowercase), .lowercase = lowercase});
    components.pre_tokenizers = {pre::WhitespaceSplit{}, pre::Punctuation{SplitBehavior::isolated}};
    components.decoders.emplace_back(decode::WordPiece{});
    components.post_processor = {{*components.bos}, {*components.eos}};
    return {};
  }

  /// As llama.cpp and transformers score: in double precision.
  [[nodiscard]] Status read_unigram() {
    INGOT_CHECK(check_scores());
    UnigramOptions options{.unknown = source_.unknown.value_or(no_token)};
    double lowest = std::numeric_limits<float>::max();
    for (std::size_t id = 0; id < source_.tokens.size(); ++id) {
      const bool chosen = type(id) == TokenType::normal || type(id) == TokenType::user_defined;
      definition_.scores.push_back(chosen ? source_.scores[id] : std::numeric_limits<double>::quiet_NaN());
      if (type(id) == TokenType::normal) lowest = std::min(lowest, definition_.scores.back());
      if (type(id) == TokenType::unknown && options.unknown == no_token) options.unknown = static_cast<std::uint32_t>(id);
    }
    options.unknown_score = lowest - unknown_penalty;
    normalize::SentencePiece rules;
    if (!source_.charsmap.empty()) {
      INGOT_TRY(rules.rules, Charsmap::parse(source_.charsmap));
    }
    rules.prefix = source_.add_space_prefix.value_or(true) ? DummyPrefix::always : DummyPrefix::none;
    rules.remove_extra_whitespaces = source_.remove_extra_whitespaces.value_or(false);
    Components& components = definition_.components;
    components.decoders = {decode::SentencePiece{.strip_first = rules.prefix == DummyPrefix::always || rules.remove_extra_whitespaces,
                                                 .strip_all = rules.remove_extra_whitespaces}};
    components.normalizers.emplace_back(std::move(rules));
    components.model = options;
    frame_text(false, true);
    return {};
  }

  const Vocabulary& source_;
  Definition definition_;
  TokenIds ids_;
};

}  // namespace ingot::text
