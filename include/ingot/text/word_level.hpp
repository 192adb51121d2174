// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/word_level.hpp: WordLevel, where each piece is one token or unknown.

#include <cstdint>
#include <string_view>
#include <vector>

#include <ingot/text/token_table.hpp>

namespace ingot::text {

struct WordLevelOptions {
  std::uint32_t unknown = no_token;  ///< stands for pieces that are no tokens
  static void fields(auto& self, auto& archive) { archive(self.unknown); }
};

/// A WordLevel model over a vocabulary. Immutable; copies share the vocabulary.
class WordLevel {
 public:
  struct Scratch {};

  WordLevel(TokenTable tokens, WordLevelOptions options) noexcept : tokens_{tokens}, options_{options} {}

  /// Appends the token of `word`, which is below the vocabulary's size; nothing where not even `unknown` is there.
  void encode(std::string_view word, Scratch&, std::vector<std::int32_t>& out) const {
    std::uint32_t token = tokens_.find(word);
    if (token == no_token) token = options_.unknown;
    if (token < tokens_.size()) out.push_back(static_cast<std::int32_t>(token));
  }

 private:
  TokenTable tokens_;
  WordLevelOptions options_;
};

}  // namespace ingot::text
