// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_files.hpp: the JSON files beside a vocabulary without a tokenizer.json, as transformers reads them.

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

namespace ingot::text {

/// Contents of the files; empty where a file does not exist.
struct TokenizerFiles {
  std::string_view config = {};              ///< tokenizer_config.json
  std::string_view special_tokens_map = {};  ///< special_tokens_map.json
  std::string_view added_tokens = {};        ///< added_tokens.json: texts to ids
  std::string_view model_config = {};        ///< config.json, for its model_type where there is no tokenizer class
};

/// Cuts the first line off `rest`; without its line break.
[[nodiscard]] inline std::string_view take_line(std::string_view& rest) noexcept {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// What those files say besides tokens.
struct TokenizerTraits {
  std::string tokenizer_class = {};  ///< without "Fast"; empty where it is not stated
  std::string model_type = {};
  std::optional<bool> add_bos = {}, add_eos = {}, legacy = {}, add_prefix_space = {};
  std::optional<std::string> src_lang = {};  ///< the language code that MBart puts behind a text
  std::uint32_t extra_ids = 100;             ///< T5's <extra_id_0> and on
};

namespace tokenizer_files {

/// Far more than any model has.
inline constexpr std::uint32_t max_extra_ids = 65536;
inline constexpr json::Limits limits{.bytes = std::size_t{64} << 20, .depth = 64};

[[nodiscard]] inline Status read_flag(const json::Value& config, std::string_view key, std::optional<bool>& flag) {
  const auto value = config.find(key);
  if (!value || !value->is_bool()) return {};
  INGOT_TRY(flag, value->as<bool>(key));
  return {};
}

}  // namespace tokenizer_files

/// Reads the traits. Errors: damaged.
[[nodiscard]] inline Result<TokenizerTraits> read_traits(const TokenizerFiles& files) {
  TokenizerTraits traits;
  if (!files.config.empty()) {
    INGOT_TRY(const auto document, json::Document::parse(files.config, "tokenizer_config.json", tokenizer_files::limits));
    const json::Value config = document.root();
    INGOT_TRY(traits.tokenizer_class, TokenizerConfig::class_name(config, ""));
    INGOT_CHECK(tokenizer_files::read_flag(config, "add_bos_token", traits.add_bos));
    INGOT_CHECK(tokenizer_files::read_flag(config, "add_eos_token", traits.add_eos));
    INGOT_CHECK(tokenizer_files::read_flag(config, "legacy", traits.legacy));
    INGOT_CHECK(tokenizer_files::read_flag(config, "add_prefix_space", traits.add_prefix_space));
    if (const auto language = config.find("src_lang")) {
      INGOT_TRY(traits.src_lang, language->as<std::string>("src_lang"));
    }
    INGOT_TRY(traits.extra_ids, config.get<std::uint32_t>("extra_ids", traits.extra_ids));
    if (traits.extra_ids > tokenizer_files::max_extra_ids) return config.problem("beyond the limit:", "extra_ids");
  }
  if (!files.model_config.empty()) {
    INGOT_TRY(const auto document, json::Document::parse(files.model_config, "config.json", tokenizer_files::limits));
    INGOT_TRY(traits.model_type, document.root().get<std::string>("model_type", ""));
  }
  return traits;
}

/// Adds the tokens that the files name to those that `added` has, and sets BOS, EOS and what the class puts around a text.
/// Errors: damaged.
[[nodiscard]] inline Status add_tokens(const TokenizerFiles& files, Definition& definition, AddedTokenList& added) {
  const auto apply = [&](std::string_view text, const char* name) -> Status {
    if (text.empty()) return {};
    INGOT_TRY(const auto document, json::Document::parse(text, name, tokenizer_files::limits));
    return TokenizerConfig(document.root(), definition, added, false).apply();
  };
  if (!files.added_tokens.empty()) {
    INGOT_TRY(const auto document, json::Document::parse(files.added_tokens, "added_tokens.json", tokenizer_files::limits));
    std::vector<std::pair<std::uint32_t, std::string>> tokens;
    INGOT_CHECK(document.root().each_member([&](std::string_view text, const json::Value& value) -> Status {
      INGOT_TRY(const std::uint32_t id, value.as<std::uint32_t>(text));
      tokens.emplace_back(id, text);
      return {};
    }));
    std::sort(tokens.begin(), tokens.end());
    for (auto& [id, text] : tokens) added.add({.content = std::move(text)}, id);
  }
  INGOT_CHECK(apply(files.special_tokens_map, "special_tokens_map.json"));
  return apply(files.config, "tokenizer_config.json");
}

/// Takes the tokens over into the definition. An added token that takes the id of a token of the model takes its place. None is
/// looked for in normalized text: tokenizers written in Python do not.
inline void finish_added(AddedTokenList added, Definition& definition) {
  definition.added = std::move(added).take();
  for (AddedToken& token : definition.added) {
    token.normalized = false;
    if (token.id < definition.vocabulary.size()) definition.vocabulary[token.id] = token.content;
  }
}

/// BOS and EOS around a text as the files say, else as `bos` and `eos` do; for classes whose own rule TokenizerConfig does not know.
inline void frame_text(const TokenizerTraits& traits, bool bos, bool eos, Components& components) {
  components.post_processor = {};
  if (traits.add_bos.value_or(bos) && components.bos) components.post_processor.prefix = {*components.bos};
  if (traits.add_eos.value_or(eos) && components.eos) components.post_processor.suffix = {*components.eos};
}

}  // namespace ingot::text
