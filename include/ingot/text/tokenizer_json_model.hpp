// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_json_model.hpp: the "model" object of tokenizer.json.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/added_token_list.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_json.hpp>
#include <ingot/text/tokenizer_json_components.hpp>

namespace ingot::text {

/// The ids of a definition's model by text; views of its strings.
[[nodiscard]] inline TokenIds token_ids(const Definition& definition) {
  TokenIds ids;
  ids.reserve(definition.vocabulary.size());
  for (std::size_t id = 0; id < definition.vocabulary.size(); ++id)
    if (definition.vocabulary[id]) ids.insert_or_assign(*definition.vocabulary[id], static_cast<std::uint32_t>(id));
  return ids;
}

namespace tokenizer_json {

/// How far ids may lie apart on the whole: the table of texts is as long as the highest id.
inline constexpr std::size_t max_gap = 16, max_gap_base = 65536;

/// An object of texts and their ids: "vocab", or a whole vocab.json.
[[nodiscard]] inline Status read_tokens(const json::Value& vocabulary, Definition& definition) {
  constexpr std::string_view name = "vocab";
  if (!vocabulary.is_object()) return vocabulary.problem("expected an object", name);
  TokenIds ids;
  std::uint32_t highest = 0;
  INGOT_CHECK(vocabulary.each_member([&](std::string_view text, const json::Value& value) -> Status {
    INGOT_TRY(const std::uint32_t id, value.as<std::uint32_t>(text));
    if (id >= max_tokens) return value.problem("token id beyond the limit", text);
    highest = std::max(highest, id);
    ids[text] = id;
    return {};
  }));
  if (ids.empty()) return vocabulary.problem("no tokens in", name);
  if (highest / max_gap > ids.size() + max_gap_base) return vocabulary.problem("token ids too far apart in", name);
  definition.vocabulary.resize(std::size_t{highest} + 1);
  for (const auto& [text, id] : ids) {
    if (definition.vocabulary[id]) return vocabulary.problem("two tokens with id " + std::to_string(id) + " in", name);
    definition.vocabulary[id] = std::string{text};
  }
  return {};
}

/// The merge of two tokens, or nothing where the vocabulary lacks one of the three. `prefix`: what continues a word.
[[nodiscard]] inline std::optional<Merge> find_merge(std::string_view left, std::string_view right, std::string_view prefix,
                                                     std::uint32_t rank, const TokenIds& ids) {
  if (right.size() < prefix.size()) return std::nullopt;
  const auto a = ids.find(left), b = ids.find(right);
  const auto result = ids.find(std::string{left}.append(right.substr(prefix.size())));  // whether it begins with the prefix or not
  if (a == ids.end() || b == ids.end() || result == ids.end()) return std::nullopt;
  return Merge{a->second, b->second, rank, result->second};
}

/// The "merges" array: "left right" or ["left", "right"], by falling priority.
[[nodiscard]] inline Status read_merges(const json::Value& model, const TokenIds& ids, std::string_view prefix, Definition& definition) {
  INGOT_TRY(const json::Value merges, model.at("merges"));
  std::uint32_t rank = 0;
  return merges.each_element([&](const json::Value& value) -> Status {
    std::string_view left, right;
    const auto wrong = [&](std::string_view what) {
      return merges.problem(std::string{what}.append(" in merge ").append(std::to_string(rank)).append(" of"), "merges");
    };
    if (value.is_array()) {
      std::size_t part = 0;
      INGOT_CHECK(value.each_element([&](const json::Value& half) -> Status {
        if (part < 2) {
          INGOT_TRY((part == 0 ? left : right), half.as<std::string_view>("merges"));
        }
        ++part;
        return {};
      }));
      if (part != 2) return wrong("not two tokens");
    } else {
      INGOT_TRY(const std::string_view line, value.as<std::string_view>("merges"));
      if (line.starts_with("#version")) return {};
      const std::size_t blank = line.find(' ');
      if (blank == std::string_view::npos || line.find(' ', blank + 1) != std::string_view::npos) return wrong("not two tokens");
      left = line.substr(0, blank);
      right = line.substr(blank + 1);
    }
    const auto merge = find_merge(left, right, prefix, rank, ids);
    if (!merge) return wrong("a token that the vocabulary lacks");
    definition.merges.push_back(*merge);
    ++rank;
    return {};
  });
}

/// The id of the token that `key` names, or no_token where there is none.
[[nodiscard]] inline Result<std::uint32_t> read_token_id(const json::Value& model, std::string_view key, const TokenIds& ids) {
  INGOT_TRY(const std::string_view text, model.get<std::string_view>(key, ""));
  const auto found = ids.find(text);
  return found == ids.end() || text.empty() ? no_token : found->second;
}

[[nodiscard]] inline Status read_bpe(const json::Value& model, Definition& definition) {
  BpeOptions options;
  INGOT_TRY(options.continuing_prefix, model.get<std::string>("continuing_subword_prefix", ""));
  INGOT_TRY(options.end_suffix, model.get<std::string>("end_of_word_suffix", ""));
  INGOT_TRY(options.fuse_unknown, model.get<bool>("fuse_unk", false));
  INGOT_TRY(options.byte_fallback, model.get<bool>("byte_fallback", false));
  INGOT_TRY(options.ignore_merges, model.get<bool>("ignore_merges", false));
  INGOT_TRY(const json::Value vocabulary, model.at("vocab"));
  INGOT_CHECK(read_tokens(vocabulary, definition));
  const TokenIds ids = token_ids(definition);
  INGOT_TRY(options.unknown, read_token_id(model, "unk_token", ids));
  INGOT_CHECK(read_merges(model, ids, options.continuing_prefix, definition));
  definition.components.model = std::move(options);
  return {};
}

/// A list of [text, score], by id.
[[nodiscard]] inline Status read_unigram(const json::Value& model, Definition& definition) {
  UnigramOptions options;
  INGOT_TRY(options.byte_fallback, model.get<bool>("byte_fallback", false));
  INGOT_TRY(const json::Value vocabulary, model.at("vocab"));
  double lowest = std::numeric_limits<double>::infinity();
  const auto read_entry = [&](const json::Value& entry) -> Status {
    const std::size_t id = definition.vocabulary.size();
    const auto wrong = [&](const char* what) { return model.problem(what + (" in entry " + std::to_string(id)) + " of", "vocab"); };
    if (id >= max_tokens) return wrong("too many tokens");
    std::size_t part = 0;
    INGOT_CHECK(entry.each_element([&](const json::Value& half) -> Status {
      if (part == 0) {
        INGOT_TRY(definition.vocabulary.emplace_back(), half.as<std::string>("vocab"));
      } else if (part == 1) {
        INGOT_TRY(definition.scores.emplace_back(), half.as<double>("vocab"));
      }
      ++part;
      return {};
    }));
    if (part != 2) return wrong("not a text and a score");
    lowest = std::min(lowest, definition.scores.back());
    return {};
  };
  INGOT_CHECK(vocabulary.each_element(read_entry));
  if (definition.vocabulary.empty()) return model.problem("no tokens in", "vocab");
  INGOT_TRY(options.unknown, model.get<std::uint32_t>("unk_id", no_token));
  if (options.unknown != no_token && options.unknown >= definition.vocabulary.size())
    return model.problem("beyond the vocabulary:", "unk_id");
  options.unknown_score = lowest - unknown_penalty;
  definition.components.model = options;
  return {};
}

[[nodiscard]] inline Status read_word_piece(const json::Value& model, Definition& definition) {
  WordPieceOptions options;
  INGOT_TRY(options.continuing_prefix, model.get<std::string>("continuing_subword_prefix"));
  INGOT_TRY(const std::uint64_t longest, model.get<std::uint64_t>("max_input_chars_per_word"));
  options.max_characters = static_cast<std::uint32_t>(std::min<std::uint64_t>(longest, no_token));
  INGOT_TRY(const json::Value vocabulary, model.at("vocab"));
  INGOT_CHECK(read_tokens(vocabulary, definition));
  INGOT_TRY(options.unknown, read_token_id(model, "unk_token", token_ids(definition)));
  definition.components.model = std::move(options);
  return {};
}

[[nodiscard]] inline Status read_word_level(const json::Value& model, Definition& definition) {
  WordLevelOptions options;
  INGOT_TRY(const json::Value vocabulary, model.at("vocab"));
  INGOT_CHECK(read_tokens(vocabulary, definition));
  INGOT_TRY(options.unknown, read_token_id(model, "unk_token", token_ids(definition)));
  definition.components.model = options;
  return {};
}

/// What a model without a type can only be, as old files have it.
[[nodiscard]] inline std::string_view implied_type(const json::Value& model) {
  const auto vocabulary = model.find("vocab");
  if (vocabulary && vocabulary->is_array()) return "Unigram";
  return model.find("merges")                      ? "BPE"
         : model.find("continuing_subword_prefix") ? "WordPiece"
         : model.find("unk_token")                 ? "WordLevel"
                                                   : "of no type";
}

/// Vocabulary, options and what else the model is made of.
[[nodiscard]] inline Status read_model(const json::Value& model, Definition& definition) {
  INGOT_TRY(const std::string_view type, model.get<std::string_view>("type", implied_type(model)));
  if (type == "BPE") return read_bpe(model, definition);
  if (type == "Unigram") return read_unigram(model, definition);
  if (type == "WordPiece") return read_word_piece(model, definition);
  if (type == "WordLevel") return read_word_level(model, definition);
  return unknown_component("model", type);
}

}  // namespace tokenizer_json

}  // namespace ingot::text
