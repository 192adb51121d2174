// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_json.hpp: reads the tokenizer.json of Hugging Face's tokenizers library.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/added_token_list.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/tokenizer_config.hpp>
#include <ingot/text/tokenizer_json_components.hpp>

namespace ingot::text {

namespace tokenizer_json {

/// The largest in circulation (262 144 tokens, 514 906 merges) takes 33 MB.
inline constexpr json::Limits limits{.bytes = std::size_t{512} << 20, .depth = 64};
/// How far ids may lie apart on the whole: the table of texts is as long as the highest id.
inline constexpr std::size_t max_gap = 16, max_gap_base = 65536;

/// The "vocab" object: texts to ids.
[[nodiscard]] inline Status read_vocabulary(const json::Value& model, Definition& definition) {
  INGOT_TRY(const json::Value vocabulary, model.at("vocab"));
  if (!vocabulary.is_object()) return model.problem("expected an object", "vocab");
  TokenIds ids;
  std::uint32_t highest = 0;
  INGOT_CHECK(vocabulary.each_member([&](std::string_view text, const json::Value& value) -> Status {
    INGOT_TRY(const std::uint32_t id, value.as<std::uint32_t>(text));
    if (id >= max_tokens) return value.problem("token id beyond the limit", text);
    highest = std::max(highest, id);
    ids[text] = id;
    return {};
  }));
  if (ids.empty()) return model.problem("no tokens in", "vocab");
  if (highest / max_gap > ids.size() + max_gap_base) return model.problem("token ids too far apart in", "vocab");
  definition.vocabulary.resize(std::size_t{highest} + 1);
  for (const auto& [text, id] : ids) {
    if (definition.vocabulary[id]) return model.problem("two tokens with id " + std::to_string(id) + " in", "vocab");
    definition.vocabulary[id] = std::string{text};
  }
  return {};
}

/// The "merges" array: "left right" or ["left", "right"], by falling priority.
[[nodiscard]] inline Status read_merges(const json::Value& model, const TokenIds& ids, Definition& definition) {
  INGOT_TRY(const json::Value merges, model.at("merges"));
  const std::string& prefix = definition.components.bpe.continuing_prefix;
  std::uint32_t rank = 0;
  std::string joined;
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
    joined.assign(left).append(right.starts_with(prefix) ? right.substr(prefix.size()) : right);
    const auto a = ids.find(left), b = ids.find(right), result = ids.find(joined);
    if (a == ids.end() || b == ids.end() || result == ids.end()) return wrong("a token that the vocabulary lacks");
    definition.merges.push_back({a->second, b->second, rank++, result->second});
    return {};
  });
}

}  // namespace tokenizer_json

/// The ids of a definition's model by text; views of its strings.
[[nodiscard]] inline TokenIds token_ids(const Definition& definition) {
  TokenIds ids;
  ids.reserve(definition.vocabulary.size());
  for (std::size_t id = 0; id < definition.vocabulary.size(); ++id)
    if (definition.vocabulary[id]) ids.emplace(*definition.vocabulary[id], static_cast<std::uint32_t>(id));
  return ids;
}

/// Reads a tokenizer.json and, where it exists (else empty), the tokenizer_config.json beside it.
/// Errors: damaged (malformed; names the key), unsupported (a component this library lacks; names it).
[[nodiscard]] inline Result<Definition> read_tokenizer_json(std::string_view text, std::string_view config_text = {}) {
  INGOT_TRY(const json::Document document, json::Document::parse(text, "tokenizer.json", tokenizer_json::limits));
  const json::Value root = document.root();
  INGOT_TRY(const json::Value model, root.at("model"));
  INGOT_TRY(const std::string_view type, model.get<std::string_view>("type", model.find("merges") ? "BPE" : "of no type"));
  if (type != "BPE") return tokenizer_json::unknown_component("model", type);

  Definition definition;
  Components& components = definition.components;
  INGOT_TRY(components.bpe.continuing_prefix, model.get<std::string>("continuing_subword_prefix", ""));
  INGOT_TRY(components.bpe.end_suffix, model.get<std::string>("end_of_word_suffix", ""));
  INGOT_TRY(components.bpe.fuse_unknown, model.get<bool>("fuse_unk", false));
  INGOT_TRY(components.bpe.byte_fallback, model.get<bool>("byte_fallback", false));
  INGOT_TRY(components.bpe.ignore_merges, model.get<bool>("ignore_merges", false));
  INGOT_TRY(const std::string_view unknown, model.get<std::string_view>("unk_token", ""));
  INGOT_CHECK(tokenizer_json::read_vocabulary(model, definition));
  const TokenIds ids = token_ids(definition);
  if (const auto found = ids.find(unknown); found != ids.end() && !unknown.empty()) components.bpe.unknown = found->second;
  INGOT_CHECK(tokenizer_json::read_merges(model, ids, definition));

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

}  // namespace ingot::text
