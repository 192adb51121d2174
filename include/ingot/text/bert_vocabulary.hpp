// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/bert_vocabulary.hpp: tokenizers from BERT's vocab.txt, one token a line.

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
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_config.hpp>
#include <ingot/text/tokenizer_json_components.hpp>
#include <ingot/text/tokenizer_json_model.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// The lines of a vocab.txt by id. Of a token that comes twice the last counts, the other id has none.
[[nodiscard]] inline Result<std::vector<std::optional<std::string>>> read_vocabulary_lines(std::string_view text) {
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

/// Reads a vocab.txt and, where it exists (else empty), the tokenizer_config.json beside it, as transformers' BertTokenizer and its
/// relatives do. Errors: damaged (malformed), unsupported (another class of tokenizer).
[[nodiscard]] inline Result<Definition> read_bert_vocabulary(std::string_view text, std::string_view config_text = {}) {
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

}  // namespace ingot::text
