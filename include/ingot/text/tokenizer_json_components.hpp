// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_json_components.hpp: the normalizer, pre-tokenizer and decoder of tokenizer.json.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/base64.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/unicode_scripts.hpp>

namespace ingot::text::tokenizer_json {

[[nodiscard]] inline Error unknown_component(std::string_view kind, std::string_view type) {
  return {ErrorCode::unsupported, std::string{kind} + " \"" + std::string{type} + "\" is not supported", "tokenizer.json", {}};
}

/// {"String": text} or {"Regex": text}.
[[nodiscard]] inline Result<Pattern> read_pattern(const json::Value& owner) {
  INGOT_TRY(const json::Value value, owner.at("pattern"));
  if (value.is_string()) {
    INGOT_TRY(std::string text, value.as<std::string>("pattern"));
    return Pattern{std::move(text), false};
  }
  const bool is_regex = value.find("Regex").has_value();
  INGOT_TRY(std::string text, value.get<std::string>(is_regex ? "Regex" : "String"));
  return Pattern{std::move(text), is_regex};
}

[[nodiscard]] inline Result<SplitBehavior> read_behavior(const json::Value& owner) {
  INGOT_TRY(const std::string_view name, owner.get<std::string_view>("behavior"));
  if (name == "Removed") return SplitBehavior::removed;
  if (name == "Isolated") return SplitBehavior::isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (name == "Contiguous") return SplitBehavior::contiguous;
  return unknown_component("split behavior", name);
}

/// A text of one character.
[[nodiscard]] inline Result<std::string> read_character(const json::Value& owner, std::string_view key) {
  INGOT_TRY(std::string text, owner.get<std::string>(key));
  if (text.empty() || code_point_size(text[0]) != text.size()) return owner.problem("expected one character in", key);
  return text;
}

/// `prepend_scheme`, or `add_prefix_space` as older files have it.
[[nodiscard]] inline Result<PrependScheme> read_scheme(const json::Value& owner) {
  INGOT_TRY(const bool add, owner.get<bool>("add_prefix_space", true));
  INGOT_TRY(const std::string_view name, owner.get<std::string_view>("prepend_scheme", add ? "always" : "never"));
  if (name == "always") return PrependScheme::always;
  if (name == "never") return PrependScheme::never;
  if (name == "first") return PrependScheme::first;
  return unknown_component("prepend scheme", name);
}

/// Calls `read(type, object)` for the object `value`, or for each member of the (nested) Sequences it is.
template <class Read>
[[nodiscard]] Status each_component(const json::Value& value, std::string_view list, Read& read) {
  INGOT_TRY(const std::string_view type, value.get<std::string_view>("type"));
  if (type != "Sequence") return read(type, value);
  INGOT_TRY(const json::Value members, value.at(list));
  return members.each_element([&](const json::Value& member) { return each_component(member, list, read); });
}

[[nodiscard]] inline Result<std::vector<NormalizerSpec>> read_normalizers(const std::optional<json::Value>& value) {
  std::vector<NormalizerSpec> specs;
  auto read = [&](std::string_view type, const json::Value& v) -> Status {
    if (type == "NFC") {
      specs.emplace_back(normalize::Unicode{normalize::Form::nfc});
    } else if (type == "NFD") {
      specs.emplace_back(normalize::Unicode{normalize::Form::nfd});
    } else if (type == "NFKC") {
      specs.emplace_back(normalize::Unicode{normalize::Form::nfkc});
    } else if (type == "NFKD") {
      specs.emplace_back(normalize::Unicode{normalize::Form::nfkd});
    } else if (type == "Replace") {
      INGOT_TRY(Pattern pattern, read_pattern(v));
      INGOT_TRY(std::string content, v.get<std::string>("content"));
      specs.emplace_back(normalize::Replace{std::move(pattern), std::move(content)});
    } else if (type == "Prepend") {
      INGOT_TRY(std::string text, v.get<std::string>("prepend"));
      specs.emplace_back(normalize::Prepend{std::move(text)});
    } else if (type == "Lowercase") {
      specs.emplace_back(normalize::Lowercase{});
    } else if (type == "Strip") {
      INGOT_TRY(const bool left, v.get<bool>("strip_left"));
      INGOT_TRY(const bool right, v.get<bool>("strip_right"));
      specs.emplace_back(normalize::Strip{left, right});
    } else if (type == "StripAccents") {
      specs.emplace_back(normalize::StripAccents{});
    } else if (type == "ByteLevel") {
      specs.emplace_back(normalize::ByteLevel{});
    } else if (type == "Precompiled") {
      INGOT_TRY(const std::string_view encoded, v.get<std::string_view>("precompiled_charsmap", ""));
      const auto blob = decode_base64(encoded);
      if (!blob) return v.problem("malformed base64 in", "precompiled_charsmap");
      if (blob->empty()) return {};
      INGOT_TRY(Charsmap rules, Charsmap::parse(*blob));
      specs.emplace_back(normalize::Precompiled{std::move(rules)});
    } else if (type == "Nmt") {
      specs.emplace_back(normalize::Nmt{});
    } else if (type == "BertNormalizer") {
      INGOT_TRY(const bool clean, v.get<bool>("clean_text"));
      INGOT_TRY(const bool chinese, v.get<bool>("handle_chinese_chars"));
      INGOT_TRY(const bool lowercase, v.get<bool>("lowercase"));
      INGOT_TRY(const bool strip, v.get<bool>("strip_accents", lowercase));
      specs.emplace_back(normalize::Bert{clean, chinese, strip, lowercase});
    } else {
      return unknown_component("normalizer", type);
    }
    return {};
  };
  if (value) INGOT_CHECK(each_component(*value, "normalizers", read));
  return specs;
}

[[nodiscard]] inline Result<std::vector<PreTokenizerSpec>> read_pre_tokenizers(const std::optional<json::Value>& value) {
  std::vector<PreTokenizerSpec> specs;
  auto read = [&](std::string_view type, const json::Value& v) -> Status {
    if (type == "ByteLevel") {
      INGOT_TRY(const bool space, v.get<bool>("add_prefix_space"));
      INGOT_TRY(const bool regex, v.get<bool>("use_regex", true));
      specs.emplace_back(pre::ByteLevel{space, regex});
    } else if (type == "Split") {
      INGOT_TRY(Pattern pattern, read_pattern(v));
      INGOT_TRY(const SplitBehavior behavior, read_behavior(v));
      INGOT_TRY(const bool invert, v.get<bool>("invert", false));
      specs.emplace_back(pre::Split{std::move(pattern), behavior, invert});
    } else if (type == "Digits") {
      INGOT_TRY(const bool individual, v.get<bool>("individual_digits", false));
      specs.emplace_back(pre::Digits{individual});
    } else if (type == "Punctuation") {
      INGOT_TRY(const SplitBehavior behavior, v.find("behavior") ? read_behavior(v) : Result<SplitBehavior>{SplitBehavior::isolated});
      specs.emplace_back(pre::Punctuation{behavior});
    } else if (type == "WhitespaceSplit") {
      specs.emplace_back(pre::WhitespaceSplit{});
    } else if (type == "Whitespace") {
      specs.emplace_back(pre::Whitespace{});
    } else if (type == "BertPreTokenizer") {
      specs.emplace_back(pre::WhitespaceSplit{});
      specs.emplace_back(pre::Punctuation{SplitBehavior::isolated});
    } else if (type == "UnicodeScripts") {
      specs.emplace_back(pre::Split{{unicode_scripts_pattern(), true}, SplitBehavior::removed, true});
    } else if (type == "CharDelimiterSplit") {
      INGOT_TRY(std::string delimiter, read_character(v, "delimiter"));
      specs.emplace_back(pre::Split{{std::move(delimiter), false}, SplitBehavior::removed, false});
    } else if (type == "FixedLength") {
      INGOT_TRY(const std::uint32_t length, v.get<std::uint32_t>("length", 5));
      specs.emplace_back(pre::FixedLength{length});
    } else if (type == "Metaspace") {
      INGOT_TRY(std::string replacement, read_character(v, "replacement"));
      INGOT_TRY(const PrependScheme scheme, read_scheme(v));
      INGOT_TRY(const bool split, v.get<bool>("split", true));
      specs.emplace_back(pre::Metaspace{std::move(replacement), scheme, split});
    } else {
      return unknown_component("pre-tokenizer", type);
    }
    return {};
  };
  if (value) INGOT_CHECK(each_component(*value, "pretokenizers", read));
  return specs;
}

[[nodiscard]] inline Result<std::vector<DecoderSpec>> read_decoders(const std::optional<json::Value>& value) {
  std::vector<DecoderSpec> specs;
  auto read = [&](std::string_view type, const json::Value& v) -> Status {
    if (type == "ByteLevel") {
      specs.emplace_back(decode::ByteLevel{});
    } else if (type == "Replace") {
      INGOT_TRY(Pattern pattern, read_pattern(v));
      INGOT_TRY(std::string content, v.get<std::string>("content"));
      specs.emplace_back(decode::Replace{std::move(pattern), std::move(content)});
    } else if (type == "ByteFallback") {
      specs.emplace_back(decode::ByteFallback{});
    } else if (type == "Fuse") {
      specs.emplace_back(decode::Fuse{});
    } else if (type == "Strip") {
      INGOT_TRY(std::string content, read_character(v, "content"));
      INGOT_TRY(const std::uint32_t start, v.get<std::uint32_t>("start"));
      INGOT_TRY(const std::uint32_t stop, v.get<std::uint32_t>("stop"));
      specs.emplace_back(decode::Strip{std::move(content), start, stop});
    } else if (type == "Metaspace") {
      INGOT_TRY(std::string replacement, read_character(v, "replacement"));
      INGOT_TRY(const PrependScheme scheme, read_scheme(v));
      specs.emplace_back(decode::Metaspace{std::move(replacement), scheme});
    } else if (type == "WordPiece") {
      INGOT_TRY(std::string prefix, v.get<std::string>("prefix"));
      INGOT_TRY(const bool cleanup, v.get<bool>("cleanup"));
      specs.emplace_back(decode::WordPiece{std::move(prefix), cleanup});
    } else if (type == "BPEDecoder") {
      INGOT_TRY(std::string suffix, v.get<std::string>("suffix"));
      specs.emplace_back(decode::Bpe{std::move(suffix)});
    } else if (type == "CTC") {
      INGOT_TRY(std::string pad, v.get<std::string>("pad_token"));
      INGOT_TRY(std::string delimiter, v.get<std::string>("word_delimiter_token"));
      INGOT_TRY(const bool cleanup, v.get<bool>("cleanup"));
      specs.emplace_back(decode::Ctc{std::move(pad), std::move(delimiter), cleanup});
    } else {
      return unknown_component("decoder", type);
    }
    return {};
  };
  if (value) {
    INGOT_CHECK(each_component(*value, "decoders", read));
  } else {
    specs.emplace_back(decode::Blanks{});
  }
  return specs;
}

}  // namespace ingot::text::tokenizer_json
