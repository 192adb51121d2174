// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/vocab_merges_reader.hpp: what a vocab.json and its merges.txt mean as a tokenizer.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_files.hpp>
#include <ingot/text/tokenizer_json_model.hpp>
#include <ingot/text/vocabulary_presets.hpp>

namespace ingot::text {

/// Reads one pair, as transformers' converters to tokenizer.json do.
class VocabMergesReader {
 public:
  VocabMergesReader(std::string_view vocabulary, std::string_view merges, const TokenizerFiles& files) noexcept
      : vocabulary_{vocabulary}, merges_{merges}, files_{files} {}

  [[nodiscard]] Result<Definition> read() && {
    INGOT_TRY(const TokenizerTraits traits, read_traits(files_));
    INGOT_TRY(const auto document, json::Document::parse(vocabulary_, "vocab.json", tokenizer_json::limits));
    INGOT_CHECK(tokenizer_json::read_tokens(document.root(), definition_));
    const std::vector<std::optional<std::string>> own = definition_.vocabulary;  // `ids` are views of it
    TokenIds ids;
    for (std::size_t id = 0; id < own.size(); ++id)
      if (own[id]) ids.emplace(*own[id], static_cast<std::uint32_t>(id));
    INGOT_CHECK(read_merges(ids));
    set_components(traits, ids);
    AddedTokenList added{ids, true};
    INGOT_CHECK(add_tokens(files_, definition_, added));
    frame(traits, added);
    finish_added(std::move(added), definition_);
    return std::move(definition_);
  }

 private:
  /// One merge a line, by falling priority.
  [[nodiscard]] Status read_merges(const TokenIds& ids) {
    std::uint32_t rank = 0;
    for (std::string_view rest = merges_; !rest.empty();) {
      const std::string_view line = take_line(rest);
      if (line.empty() || line.starts_with("#version")) continue;
      const std::size_t blank = line.find(' ');
      const auto merge = blank == std::string_view::npos
                             ? std::nullopt
                             : tokenizer_json::find_merge(line.substr(0, blank), line.substr(blank + 1), "", rank, ids);
      if (!merge) return Error{ErrorCode::damaged, "not two tokens of the vocabulary", "merges.txt: merge " + std::to_string(rank), {}};
      definition_.merges.push_back(*merge);
      ++rank;
    }
    return {};
  }

  void set_components(const TokenizerTraits& traits, const TokenIds& ids) {
    Components& components = definition_.components;
    const std::string_view name = traits.tokenizer_class;
    BpeOptions options;
    components.decoders = {decode::ByteLevel{}};
    if (name == "CLIPTokenizer") {
      options.end_suffix = "</w>";
      if (const auto unknown = ids.find("<|endoftext|>"); unknown != ids.end()) options.unknown = unknown->second;
      components.normalizers = {normalize::Unicode{normalize::Form::nfc}, normalize::Replace{{R"(\s+)", true}, " "},
                                normalize::Lowercase{}};
      components.pre_tokenizers = {
          pre::Split{{R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)", true}, SplitBehavior::removed, true},
          pre::ByteLevel{false, true}};
      components.decoders = {decode::ByteLevel{}, decode::Replace{{"</w>", false}, " "}};
    } else if (name == "Qwen2Tokenizer") {
      components.normalizers = {normalize::Unicode{normalize::Form::nfc}};
      components.pre_tokenizers = {pre::Split{{std::string{preset_patterns::qwen2}, true}, SplitBehavior::isolated, false},
                                   pre::ByteLevel{traits.add_prefix_space.value_or(false), false}};
    } else {
      components.pre_tokenizers = {pre::ByteLevel{traits.add_prefix_space.value_or(false), true}};
    }
    components.model = std::move(options);
  }

  /// What the class puts around a text; GPT-2's has only the flags.
  void frame(const TokenizerTraits& traits, const AddedTokenList& added) {
    constexpr std::array<std::string_view, 6> sentence_classes{"RobertaTokenizer",    "BartTokenizer", "LEDTokenizer",
                                                               "LongformerTokenizer", "MvpTokenizer",  "CLIPTokenizer"};
    Components& components = definition_.components;
    frame_text(traits, false, false, components);
    const std::string_view name = traits.tokenizer_class;
    const bool clip = name == "CLIPTokenizer", whisper = name == "WhisperTokenizer";
    if (!whisper && std::find(sentence_classes.begin(), sentence_classes.end(), name) == sentence_classes.end()) return;
    components.post_processor = {};
    const auto put = [&](std::vector<std::uint32_t>& place, std::string_view token) {
      if (const auto id = added.id_of(token)) place.push_back(*id);
    };
    auto& around = components.post_processor;
    for (const std::string_view token : whisper ? std::array<std::string_view, 2>{"<|startoftranscript|>", "<|notimestamps|>"}
                                                : std::array<std::string_view, 2>{clip ? "<|startoftext|>" : "<s>", ""})
      put(around.prefix, token);
    put(around.suffix, whisper || clip ? "<|endoftext|>" : "</s>");
  }

  std::string_view vocabulary_, merges_;
  const TokenizerFiles& files_;
  Definition definition_;
};

}  // namespace ingot::text
