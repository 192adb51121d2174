// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/joined_pairs.hpp: between which characters a text can be cut before its tokens are merged.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <ingot/text/merge_table.hpp>
#include <ingot/text/token_table.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// Which characters a merge may join: a set of pairs (last of the left token, first of the right one) that may hold more than it was
/// given. Between other characters a text can be cut, and its parts encoded one by one: without that the whole text is one piece for
/// vocabularies that come without a pre-tokenizer, as Llama 2's and Gemma's do.
class JoinedPairs {
 public:
  JoinedPairs() noexcept = default;
  /// Stays empty where merges join what no text spells: `unknown` or the byte tokens <0x00> … <0xFF>.
  JoinedPairs(std::span<const Merge> merges, const TokenTable& tokens, std::uint32_t unknown) {
    std::vector<std::uint64_t> pairs;
    for (const Merge& merge : merges) {
      for (const std::uint32_t part : {merge.left, merge.right}) {
        const std::string_view text = tokens.text(part);
        if (text.empty() || part == unknown || (text.size() == 6 && text.starts_with("<0x"))) return;
      }
      const std::string_view left = tokens.text(merge.left), right = tokens.text(merge.right);
      std::size_t last = previous_code_point(left, left.size()), first = 0;
      pairs.push_back(hash(next_code_point(left, last), next_code_point(right, first)));
    }
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    words_.resize(std::bit_ceil(pairs.size() / 4 + 1));  // 8 to 16 bits a pair: one other pair in eight looks like one, at most
    for (const std::uint64_t pair : pairs) words_[pair & (words_.size() - 1)] |= bit(pair);
  }

  /// False where nothing is known.
  [[nodiscard]] explicit operator bool() const noexcept { return std::has_single_bit(words_.size()); }
  [[nodiscard]] bool contains(char32_t left, char32_t right) const noexcept {
    const std::uint64_t pair = hash(left, right);
    return (words_[pair & (words_.size() - 1)] & bit(pair)) != 0;
  }
  static void fields(auto& self, auto& archive) { archive(self.words_); }

 private:
  static constexpr std::uint64_t bit(std::uint64_t pair) noexcept { return std::uint64_t{1} << (pair >> 58); }
  static constexpr std::uint64_t hash(char32_t left, char32_t right) noexcept {
    const std::uint64_t product = (std::uint64_t{left} << 21 | right) * 0x9E37'79B9'7F4A'7C15;
    return product ^ product >> 32;
  }
  std::vector<std::uint64_t> words_;
};

}  // namespace ingot::text
