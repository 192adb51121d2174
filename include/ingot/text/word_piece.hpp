// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/word_piece.hpp: WordPiece, which cuts the longest token off a word's front until nothing is left.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/token_table.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// As in tokenizer.json.
struct WordPieceOptions {
  std::uint32_t unknown = no_token;      ///< stands for words that no tokens spell
  std::uint32_t max_characters = 100;    ///< longer words are unknown
  std::string continuing_prefix = "##";  ///< of tokens that do not begin a word
  static void fields(auto& self, auto& archive) { archive(self.unknown, self.max_characters, self.continuing_prefix); }
};

/// Working memory of one thread.
struct WordPieceScratch {
  std::string spelling;
};

/// A WordPiece model over a vocabulary. Immutable; copies share the vocabulary.
class WordPiece {
 public:
  using Scratch = WordPieceScratch;

  WordPiece(TokenTable tokens, WordPieceOptions options) : tokens_{tokens}, options_{std::move(options)} {
    for (std::uint32_t id = 0; id < tokens.size(); ++id) lengths_.push_back(static_cast<std::uint32_t>(tokens.text(id).size()));
    std::sort(lengths_.begin(), lengths_.end(), std::greater<>{});
    lengths_.erase(std::unique(lengths_.begin(), lengths_.end()), lengths_.end());
  }

  /// Appends the tokens of `word` (not empty). Every id is below the vocabulary's size. Only lengths that tokens have are
  /// tried, so the work is bounded by the word's length times the vocabulary's distinct lengths.
  void encode(std::string_view word, WordPieceScratch& scratch, std::vector<std::int32_t>& out) const {
    const std::size_t before = out.size();
    if (!too_long(word)) {
      std::size_t at = 0;
      while (at < word.size()) {
        const std::uint32_t token = longest(word, at, scratch.spelling);
        if (token == no_token) break;
        out.push_back(static_cast<std::int32_t>(token));
      }
      if (at == word.size()) return;
    }
    out.resize(before);
    if (options_.unknown < tokens_.size()) out.push_back(static_cast<std::int32_t>(options_.unknown));
  }

 private:
  [[nodiscard]] bool too_long(std::string_view word) const noexcept {
    const auto characters = std::count_if(word.begin(), word.end(), [](char c) { return !is_continuation(c); });
    return static_cast<std::size_t>(characters) > options_.max_characters;
  }

  /// The longest token that `word` has at `at`, which moves behind it; no_token where there is none.
  std::uint32_t longest(std::string_view word, std::size_t& at, std::string& spelling) const {
    const std::string_view prefix = at == 0 ? std::string_view{} : std::string_view{options_.continuing_prefix};
    const std::size_t most = lengths_.empty() ? 0 : lengths_.front();
    if (most <= prefix.size()) return no_token;
    spelling.assign(prefix).append(word.substr(at, most - prefix.size()));
    for (auto length = std::lower_bound(lengths_.begin(), lengths_.end(), spelling.size(), std::greater<>{}); length != lengths_.end();
         ++length) {
      if (*length <= prefix.size()) break;
      const std::uint32_t token = tokens_.find(std::string_view{spelling}.substr(0, *length));
      if (token == no_token) continue;
      at += *length - prefix.size();
      return token;
    }
    return no_token;
  }

  TokenTable tokens_;
  WordPieceOptions options_;
  std::vector<std::uint32_t> lengths_;  // of tokens in bytes, distinct, falling
};

}  // namespace ingot::text
