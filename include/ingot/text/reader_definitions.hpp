// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/reader_definitions.hpp: the readers of tokenizers' sources for ingot::runtime: only for its source.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/added_token_list.hpp>
#include <ingot/text/bert_vocabulary.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/fairseq_class.hpp>
#include <ingot/text/sentencepiece.hpp>
#include <ingot/text/sentencepiece_model.hpp>
#include <ingot/text/sentencepiece_reader.hpp>
#include <ingot/text/tiktoken.hpp>
#include <ingot/text/tiktoken_reader.hpp>
#include <ingot/text/tokenizer_config.hpp>
#include <ingot/text/tokenizer_files.hpp>
#include <ingot/text/tokenizer_json.hpp>
#include <ingot/text/tokenizer_json_components.hpp>
#include <ingot/text/tokenizer_json_model.hpp>
#include <ingot/text/tokenizer_json_post_processor.hpp>
#include <ingot/text/unicode.hpp>
#include <ingot/text/vocab_merges.hpp>
#include <ingot/text/vocab_merges_reader.hpp>
#include <ingot/text/vocabulary.hpp>
#include <ingot/text/vocabulary_reader.hpp>

namespace ingot::text {

Result<Definition> read_tokenizer_json(std::string_view text, std::string_view config_text) {
  INGOT_TRY(const json::Document document, json::Document::parse(text, "tokenizer.json", tokenizer_json::limits));
  const json::Value root = document.root();
  INGOT_TRY(const json::Value model, root.at("model"));
  Definition definition;
  Components& components = definition.components;
  INGOT_CHECK(tokenizer_json::read_model(model, definition));
  const TokenIds ids = token_ids(definition);
  INGOT_TRY(components.normalizers, tokenizer_json::read_normalizers(root.find("normalizer")));
  INGOT_TRY(components.pre_tokenizers, tokenizer_json::read_pre_tokenizers(root.find("pre_tokenizer")));
  INGOT_TRY(components.post_processor, tokenizer_json::read_post_processor(root.find("post_processor")));
  INGOT_TRY(components.decoders, tokenizer_json::read_decoders(root.find("decoder")));

  AddedTokenList added{ids};
  if (const auto list = root.find("added_tokens"))
    INGOT_CHECK(list->each_element([&](const json::Value& value) -> Status {
      INGOT_TRY(AddedToken token, read_added_token(value));
      added.add(std::move(token));
      return {};
    }));
  if (!config_text.empty()) {
    INGOT_TRY(const json::Document config, json::Document::parse(config_text, "tokenizer_config.json", tokenizer_json::limits));
    const auto pre_tokenizer = root.find("pre_tokenizer");
    const bool lone_byte_level = pre_tokenizer && *pre_tokenizer->get<std::string_view>("type") == "ByteLevel";
    INGOT_CHECK(TokenizerConfig(config.root(), definition, added, lone_byte_level).apply());
  }
  definition.added = std::move(added).take();
  return definition;
}

Result<std::vector<std::optional<std::string>>> read_vocabulary_lines(std::string_view text) {
  const auto damaged = [](std::string what) { return Error{ErrorCode::damaged, std::move(what), "vocab.txt", {}}; };
  if (!is_utf8(text)) return damaged("not UTF-8");
  std::vector<std::optional<std::string>> lines;
  std::unordered_map<std::string_view, std::size_t> ids;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    if (lines.size() == max_tokens) return damaged("more tokens than the limit of " + std::to_string(max_tokens));
    const std::string_view token = text.substr(0, end);
    const auto [seen, is_new] = ids.try_emplace(token, lines.size());
    if (!is_new) lines[std::exchange(seen->second, lines.size())].reset();
    lines.emplace_back(token);
    text.remove_prefix(std::min(end + (text.substr(end).starts_with("\r\n") ? 2 : 1), text.size()));
  }
  if (lines.empty()) return damaged("no tokens");
  return lines;
}

Result<Definition> read_bert_vocabulary(std::string_view text, std::string_view config_text) {
  constexpr std::string_view bert = "BertTokenizer";
  INGOT_TRY(const json::Document document, json::Document::parse(config_text.empty() ? "{}" : config_text, "tokenizer_config.json"));
  const json::Value config = document.root();
  INGOT_TRY(const std::string_view name, TokenizerConfig::class_name(config, bert));
  if (find_tokenizer_class(name).specials != bert_specials) return tokenizer_json::unknown_component("vocab.txt of class", name);

  Definition definition;
  INGOT_TRY(definition.vocabulary, read_vocabulary_lines(text));
  Components& components = definition.components;
  components.normalizers = {normalize::Bert{}};
  components.pre_tokenizers = {pre::WhitespaceSplit{}, pre::Punctuation{SplitBehavior::isolated}};
  components.decoders = {decode::WordPiece{}};
  const TokenIds ids = token_ids(definition);
  AddedTokenList added{ids};
  INGOT_CHECK(TokenizerConfig(config, definition, added, false).apply(bert));

  const auto special = [&](std::string_view key, std::string_view fallback) -> Result<std::string> {
    const auto value = config.find(key);
    if (!value) return std::string{fallback};
    return value->is_object() ? value->get<std::string>("content") : value->as<std::string>(key);
  };
  INGOT_TRY(const std::string unknown, special("unk_token", "[UNK]"));
  INGOT_TRY(const std::string first, special("cls_token", "[CLS]"));
  INGOT_TRY(const std::string last, special("sep_token", "[SEP]"));
  WordPieceOptions options;
  if (const auto found = ids.find(unknown); found != ids.end()) options.unknown = found->second;
  components.model = std::move(options);
  const auto first_id = added.id_of(first), last_id = added.id_of(last);
  if (!first_id || !last_id) return config.problem("empty", first_id ? "sep_token" : "cls_token");
  components.post_processor = {{*first_id}, {*last_id}};
  definition.added = std::move(added).take();
  return definition;
}

Result<Definition> read_sentencepiece(std::string_view file, const TokenizerFiles& files) {
  INGOT_TRY(SentencePieceModel model, read_sentencepiece_model(file));
  INGOT_TRY(const TokenizerTraits traits, read_traits(files));
  INGOT_TRY(const FairseqClass* fairseq, find_fairseq_class(traits));
  if (fairseq != nullptr) INGOT_CHECK(renumber(*fairseq, model));
  return SentencePieceReader{model, files, fairseq}.read(traits);
}

Result<Definition> read_tiktoken(std::string_view file, std::string_view stem, const TokenizerFiles& files) {
  return tiktoken::read(file, stem, files);
}

Result<Definition> read_vocab_merges(std::string_view vocabulary, std::string_view merges, const TokenizerFiles& files) {
  return VocabMergesReader{vocabulary, merges, files}.read();
}

Result<Definition> read_vocabulary(const Vocabulary& vocabulary) { return VocabularyReader{vocabulary}.read(); }

}  // namespace ingot::text
