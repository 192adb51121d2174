// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_config.hpp: what tokenizer_config.json changes in a tokenizer.json, as in transformers.

#include <algorithm>
#include <array>
#include <charconv>
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
#include <ingot/text/tokenizer_class.hpp>

namespace ingot::text {

/// An added token as both files write it.
[[nodiscard]] inline Result<AddedToken> read_added_token(const json::Value& value) {
  AddedToken token;
  INGOT_TRY(token.content, value.get<std::string>("content"));
  INGOT_TRY(token.special, value.get<bool>("special", false));
  INGOT_TRY(token.single_word, value.get<bool>("single_word", false));
  INGOT_TRY(token.lstrip, value.get<bool>("lstrip", false));
  INGOT_TRY(token.rstrip, value.get<bool>("rstrip", false));
  INGOT_TRY(token.normalized, value.get<bool>("normalized", !token.special));
  return token;
}

/// Applies one tokenizer_config.json, in transformers' order.
class TokenizerConfig {
 public:
  /// `lone_byte_level`: the pre-tokenizer is a ByteLevel and no Sequence.
  TokenizerConfig(const json::Value& config, Definition& definition, AddedTokenList& added, bool lone_byte_level) noexcept
      : config_{config}, definition_{definition}, added_{added}, lone_byte_level_{lone_byte_level} {}

  /// The tokenizer's class without "Fast", or `fallback`.
  [[nodiscard]] static Result<std::string_view> class_name(const json::Value& config, std::string_view fallback) {
    INGOT_TRY(std::string_view name, config.get<std::string_view>("tokenizer_class", fallback));
    if (name.ends_with("Fast")) name.remove_suffix(4);
    return name;
  }

  /// `default_class`: where none is named. Errors: damaged (wrong types; a BOS or EOS is asked for that has no token).
  [[nodiscard]] Status apply(std::string_view default_class = "") {
    INGOT_TRY(const std::string_view name, class_name(config_, default_class));
    const TokenizerClass& known = find_tokenizer_class(name);
    INGOT_CHECK(add_listed_tokens());
    std::array<std::string, special_token_keys.size()> specials;
    for (std::size_t i = 0; i < specials.size(); ++i) {
      INGOT_TRY(specials[i], add_special(special_token_keys[i], known.specials[i]));
    }
    if (const auto more = config_.find("additional_special_tokens"); more && more->is_array())
      INGOT_CHECK(more->each_element([&](const json::Value& token) {
        auto added = add_special_value(token);
        return added ? Status{} : Status{std::move(added).error()};
      }));
    if (const auto extra = config_.find("extra_special_tokens"); extra && extra->is_object())
      INGOT_CHECK(extra->each_member([&](std::string_view, const json::Value& token) {
        auto added = add_special_value(token);
        return added ? Status{} : Status{std::move(added).error()};
      }));
    if (const auto id = added_.id_of(specials[0])) definition_.components.bos = id;
    if (const auto id = added_.id_of(specials[1])) definition_.components.eos = id;
    if (known.frame != TokenizerClass::Frame::kept) INGOT_CHECK(frame_text(known.frame == TokenizerClass::Frame::with_bos));
    if (known.switches != TokenizerClass::Switches::none) INGOT_CHECK(bert_normalizer(known.switches == TokenizerClass::Switches::all));
    return prefix_space(name);
  }

 private:
  /// added_tokens_decoder: by rising id, flags replacing those of tokenizer.json.
  [[nodiscard]] Status add_listed_tokens() {
    const auto listed = config_.find("added_tokens_decoder");
    if (!listed) return {};
    std::vector<std::pair<std::uint32_t, AddedToken>> tokens;
    INGOT_CHECK(listed->each_member([&](std::string_view key, const json::Value& value) -> Status {
      std::uint32_t id = 0;
      const auto parsed = std::from_chars(key.data(), key.data() + key.size(), id);
      if (parsed.ec != std::errc{} || parsed.ptr != key.data() + key.size()) return config_.problem("not a token id", key);
      INGOT_TRY(AddedToken token, read_added_token(value));
      tokens.emplace_back(id, std::move(token));
      return {};
    }));
    std::stable_sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [id, token] : tokens) added_.add(std::move(token), id);
    return {};
  }

  /// The content of the token that `key` names, or else of the class's own; it becomes an added token if it is none yet. A null
  /// means that there is none.
  [[nodiscard]] Result<std::string> add_special(std::string_view key, std::string_view fallback) {
    if (const auto value = config_.find(key)) return add_special_value(*value);
    bool is_null = false;
    INGOT_CHECK(config_.each_member([&](std::string_view name, const json::Value& value) {
      is_null = is_null || (name == key && value.is_null());
      return Status{};
    }));
    if (is_null || fallback.empty()) return std::string{};
    if (!added_.make_special(fallback)) added_.add({.content = std::string{fallback}, .special = true});
    return std::string{fallback};
  }
  [[nodiscard]] Result<std::string> add_special_value(const json::Value& value) {
    AddedToken token;
    if (value.is_object()) {
      INGOT_TRY(token, read_added_token(value));
      token.special = true;
    } else {
      INGOT_TRY(std::string content, value.as<std::string>("special token"));
      token = {.content = std::move(content), .special = true};
    }
    std::string content = token.content;
    if (!added_.make_special(content)) added_.add(std::move(token));
    return content;
  }

  [[nodiscard]] Status frame_text(bool adds_bos) {
    INGOT_TRY(const bool bos, config_.get<bool>("add_bos_token", adds_bos));
    INGOT_TRY(const bool eos, config_.get<bool>("add_eos_token", false));
    Components& components = definition_.components;
    if (bos && !components.bos) return config_.problem("add_bos_token is set, but there is no", "bos_token");
    if (eos && !components.eos) return config_.problem("add_eos_token is set, but there is no", "eos_token");
    components.post_processor = {};
    if (bos) components.post_processor.prefix = {*components.bos};
    if (eos) components.post_processor.suffix = {*components.eos};
    return {};
  }

  /// Sets the switches of a BertNormalizer that is the whole normalizer, to their defaults where nothing is said.
  [[nodiscard]] Status bert_normalizer(bool sets_chinese) {
    if (definition_.components.normalizers.size() != 1) return {};
    auto* bert = std::get_if<normalize::Bert>(&definition_.components.normalizers.front());
    if (bert == nullptr) return {};
    INGOT_TRY(bert->lowercase, config_.get<bool>("do_lower_case", true));
    INGOT_TRY(bert->strip_accents, config_.get<bool>("strip_accents", bert->lowercase));
    if (sets_chinese) {
      INGOT_TRY(bert->handle_chinese_chars, config_.get<bool>("tokenize_chinese_chars", true));
    }
    return {};
  }

  /// A ByteLevel that is the whole pre-tokenizer takes its add_prefix_space from here (false where it is missing, except
  /// that Llama's class has no default).
  [[nodiscard]] Status prefix_space(std::string_view class_name) {
    if (class_name == "CohereTokenizer" || class_name == "BloomTokenizer") {  // these look into Sequences too, but only switch it on
      INGOT_TRY(const bool everywhere, config_.get<bool>("add_prefix_space", false));
      for (PreTokenizerSpec& spec : definition_.components.pre_tokenizers)
        if (auto* bytes = std::get_if<pre::ByteLevel>(&spec); bytes && everywhere) bytes->add_prefix_space = true;
    }
    if (!lone_byte_level_ || (class_name == "LlamaTokenizer" && !config_.find("add_prefix_space"))) return {};
    INGOT_TRY(const bool add, config_.get<bool>("add_prefix_space", false));
    std::get<pre::ByteLevel>(definition_.components.pre_tokenizers.front()).add_prefix_space = add;
    return {};
  }

  json::Value config_;
  Definition& definition_;
  AddedTokenList& added_;
  bool lone_byte_level_;
};

}  // namespace ingot::text
