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

  /// Errors: damaged (wrong types; a BOS or EOS is asked for that has no token).
  [[nodiscard]] Status apply() {
    INGOT_TRY(std::string_view name, config_.get<std::string_view>("tokenizer_class", ""));
    if (name.ends_with("Fast")) name.remove_suffix(4);
    const auto* frame = std::find_if(framed_classes.begin(), framed_classes.end(), [&](const Framed& f) { return f.name == name; });
    INGOT_CHECK(add_listed_tokens());
    INGOT_TRY(const std::string bos, add_special("bos_token", frame != framed_classes.end() ? frame->bos : ""));
    INGOT_TRY(const std::string eos, add_special("eos_token", frame != framed_classes.end() ? frame->eos : ""));
    for (const std::string_view key : {"unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) INGOT_CHECK(add_special(key, ""));
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
    if (const auto id = added_.id_of(bos)) definition_.components.bos = id;
    if (const auto id = added_.id_of(eos)) definition_.components.eos = id;
    if (frame != framed_classes.end()) INGOT_CHECK(frame_text(frame->adds_bos));
    INGOT_CHECK(bert_normalizer(name));
    return prefix_space(name);
  }

 private:
  /// Classes that ignore the post-processor of tokenizer.json and build their own from add_bos_token and add_eos_token.
  struct Framed {
    std::string_view name, bos, eos;
    bool adds_bos;
  };
  static constexpr std::array<Framed, 5> framed_classes{{{"LlamaTokenizer", "<s>", "</s>", true},
                                                         {"CodeLlamaTokenizer", "<s>", "</s>", true},
                                                         {"GemmaTokenizer", "<bos>", "<eos>", true},
                                                         {"CohereTokenizer", "<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>", true},
                                                         {"GPTNeoXTokenizer", "<|endoftext|>", "<|endoftext|>", false}}};

  struct BertClass {
    std::string_view name;
    bool sets_chinese;
  };
  static constexpr std::array<BertClass, 12> bert_classes{{{"BertTokenizer", true},
                                                           {"ConvBertTokenizer", true},
                                                           {"DistilBertTokenizer", true},
                                                           {"ElectraTokenizer", true},
                                                           {"FunnelTokenizer", true},
                                                           {"LayoutLMTokenizer", true},
                                                           {"LxmertTokenizer", true},
                                                           {"MobileBertTokenizer", true},
                                                           {"SqueezeBertTokenizer", true},
                                                           {"MPNetTokenizer", false},
                                                           {"RoFormerTokenizer", false},
                                                           {"SplinterTokenizer", false}}};

  /// added_tokens_decoder: by rising id, flags replacing those of tokenizer.json.
  [[nodiscard]] Status add_listed_tokens() {
    const auto listed = config_.find("added_tokens_decoder");
    if (!listed) return {};
    std::vector<std::pair<std::uint64_t, AddedToken>> tokens;
    INGOT_CHECK(listed->each_member([&](std::string_view key, const json::Value& value) -> Status {
      std::uint64_t id = 0;
      const auto parsed = std::from_chars(key.data(), key.data() + key.size(), id);
      if (parsed.ec != std::errc{} || parsed.ptr != key.data() + key.size()) return config_.problem("not a token id", key);
      INGOT_TRY(AddedToken token, read_added_token(value));
      tokens.emplace_back(id, std::move(token));
      return {};
    }));
    std::stable_sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [id, token] : tokens) added_.add(std::move(token));
    return {};
  }

  /// The content of the token that `key` names; it becomes an added token if it is none yet.
  [[nodiscard]] Result<std::string> add_special(std::string_view key, std::string_view fallback) {
    const auto value = config_.find(key);
    if (value) return add_special_value(*value);
    if (!fallback.empty() && added_.id_of(fallback) && !added_.make_special(fallback))
      added_.add({.content = std::string{fallback}, .special = true});
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

  /// BERT's classes set the switches of a BertNormalizer that is the whole normalizer, to their defaults where nothing is said.
  [[nodiscard]] Status bert_normalizer(std::string_view class_name) {
    if (definition_.components.normalizers.size() != 1) return {};
    auto* bert = std::get_if<normalize::Bert>(&definition_.components.normalizers.front());
    const auto* known = std::find_if(bert_classes.begin(), bert_classes.end(), [&](const BertClass& b) { return b.name == class_name; });
    if (bert == nullptr || known == bert_classes.end()) return {};
    INGOT_TRY(bert->lowercase, config_.get<bool>("do_lower_case", true));
    INGOT_TRY(bert->strip_accents, config_.get<bool>("strip_accents", bert->lowercase));
    if (known->sets_chinese) {
      INGOT_TRY(bert->handle_chinese_chars, config_.get<bool>("tokenize_chinese_chars", true));
    }
    return {};
  }

  /// A ByteLevel that is the whole pre-tokenizer takes its add_prefix_space from here (false where it is missing, except
  /// that Llama's class has no default).
  [[nodiscard]] Status prefix_space(std::string_view class_name) {
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
