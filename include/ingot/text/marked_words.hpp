// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/marked_words.hpp: the word model of SentencePiece, where each word with its mark is one token or unknown.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/token_table.hpp>

namespace ingot::text {

struct MarkedWordsOptions {
  std::uint32_t unknown = no_token;          ///< stands for a run of words that are no tokens
  bool byte_fallback = false;                ///< such words become their bytes' tokens <0x00> … <0xFF>
  std::vector<std::uint32_t> unspoken = {};  ///< tokens that no word of a text is (control, byte and unused ones)
  static void fields(auto& self, auto& archive) { archive(self.unknown, self.byte_fallback, self.unspoken); }
};

/// A model of words, each of which begins at a U+2581. Not a WordLevel behind a pre-tokenizer, as a run of unknown words is one token.
/// Immutable; copies share the vocabulary.
class MarkedWords {
 public:
  struct Scratch {};

  MarkedWords(TokenTable tokens, MarkedWordsOptions options) : tokens_{tokens}, options_{std::move(options)}, fallback_tokens_{tokens} {
    std::sort(options_.unspoken.begin(), options_.unspoken.end());
  }

  /// Appends the tokens of `piece`. Every id is below the vocabulary's size. Bytes without a token are dropped, and unknown words
  /// where there is no unknown token.
  void encode(std::string_view piece, Scratch&, std::vector<std::int32_t>& out) const {
    bool after_unknown = false;
    for (std::size_t begin = 0, end = 0; begin < piece.size(); begin = end) {
      end = piece.find(mark, begin + 1);
      if (end == std::string_view::npos) end = piece.size();
      const std::string_view word = piece.substr(begin, end - begin);
      std::uint32_t token = tokens_.find(word);
      if (token == no_token || std::binary_search(options_.unspoken.begin(), options_.unspoken.end(), token)) token = options_.unknown;
      const bool is_unknown = token == options_.unknown;
      if (is_unknown && options_.byte_fallback) {
        for (const char byte : word) add(fallback_tokens_[byte], out);
      } else if (!is_unknown || !after_unknown) {
        add(token, out);
      }
      after_unknown = is_unknown;
    }
  }

 private:
  static constexpr std::string_view mark = "▁";

  void add(std::uint32_t token, std::vector<std::int32_t>& out) const {
    if (token < tokens_.size()) out.push_back(static_cast<std::int32_t>(token));
  }

  TokenTable tokens_;
  MarkedWordsOptions options_;
  ByteTokens fallback_tokens_;
};

}  // namespace ingot::text
