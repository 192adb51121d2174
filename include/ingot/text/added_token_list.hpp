// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/added_token_list.hpp: collects added tokens and gives them ids as Hugging Face's tokenizers does.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ingot/text/added_tokens.hpp>
#include <ingot/text/token_table.hpp>

namespace ingot::text {

/// Tokens of a model by text. The texts belong to somebody else.
using TokenIds = std::unordered_map<std::string_view, std::uint32_t>;

/// A token that the model knows keeps the model's id; a new one gets the first id behind the model's tokens and the
/// added ones (the id that a file states for it is not looked at). A token that comes again replaces its flags.
///
/// With `keep_ids` it is transformers' tokenizers written in Python instead: there an id that a file states is the
/// token's id, and who had it before goes.
class AddedTokenList {
 public:
  explicit AddedTokenList(const TokenIds& model, bool keep_ids = false) : model_{model}, keep_ids_{keep_ids} {}

  void add(AddedToken token, std::optional<std::uint32_t> stated = {}) {
    if (token.content.empty()) return;
    const bool has_own = keep_ids_ && stated.has_value();
    const std::uint32_t own = stated.value_or(0);
    if (has_own) make_way(token.content, own);
    if (const auto seen = places_.find(token.content); seen != places_.end()) {
      AddedToken& old = tokens_[seen->second];
      token.id = old.id;
      token.special = token.special || old.special;
      old = std::move(token);
      return;
    }
    const auto known = model_.find(token.content);
    const auto first_new = static_cast<std::uint32_t>(model_.size());
    token.id = has_own ? own : known != model_.end() ? known->second : highest_ && *highest_ >= first_new ? *highest_ + 1 : first_new;
    highest_ = std::max(highest_.value_or(0), token.id);
    places_.emplace(token.content, tokens_.size());
    if (keep_ids_) by_id_.insert_or_assign(token.id, tokens_.size());
    tokens_.push_back(std::move(token));
  }

  /// Makes a token special, with the flags that it has; false where there is no such added token.
  bool make_special(std::string_view content) {
    const auto place = places_.find(std::string{content});
    if (place != places_.end()) tokens_[place->second].special = true;
    return place != places_.end();
  }
  [[nodiscard]] bool has(std::string_view content) const { return places_.contains(std::string{content}); }
  /// The id of a token, added or of the model.
  [[nodiscard]] std::optional<std::uint32_t> id_of(std::string_view content) const {
    if (const auto added = places_.find(std::string{content}); added != places_.end()) return tokens_[added->second].id;
    const auto known = model_.find(content);
    return known == model_.end() ? std::nullopt : std::optional{known->second};
  }
  [[nodiscard]] std::vector<AddedToken> take() && {
    std::erase_if(tokens_, [](const AddedToken& token) { return token.content.empty(); });
    return std::move(tokens_);
  }

 private:
  /// Takes out what has the id `id`, and `content` where it has another id.
  void make_way(const std::string& content, std::uint32_t id) {
    const auto remove = [&](std::size_t place) {
      places_.erase(tokens_[place].content);
      by_id_.erase(tokens_[place].id);
      tokens_[place].content.clear();
    };
    if (const auto other = by_id_.find(id); other != by_id_.end() && tokens_[other->second].content != content) remove(other->second);
    if (const auto same = places_.find(content); same != places_.end() && tokens_[same->second].id != id) remove(same->second);
  }

  const TokenIds& model_;
  bool keep_ids_;
  std::vector<AddedToken> tokens_;
  std::unordered_map<std::string, std::size_t> places_;
  std::unordered_map<std::uint32_t, std::size_t> by_id_;
  std::optional<std::uint32_t> highest_;
};

}  // namespace ingot::text
