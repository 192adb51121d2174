// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/unigram.hpp: the most likely segmentation of a piece into tokens that are independent of each other.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <ingot/text/token_table.hpp>
#include <ingot/text/token_trie.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// What a Unigram model does besides adding scores.
struct UnigramOptions {
  std::uint32_t unknown = no_token;  ///< stands for a run of characters without a token
  double unknown_score = 0;          ///< of one such character
  bool byte_fallback = false;        ///< such runs become their bytes' tokens <0x00> … <0xFF>
  /// As libsentencepiece 0.2.3: sums in single precision. Else as Hugging Face's tokenizers: double precision, and a run
  /// of unknown characters that happens to be a token's text is that token.
  bool single_precision = false;
  static void fields(auto& self, auto& archive) { archive(self.unknown, self.unknown_score, self.byte_fallback, self.single_precision); }
};

/// What unknown characters score below the worst token.
inline constexpr float unknown_penalty = 10;

/// Working memory of one thread; grows to the longest piece seen.
struct UnigramScratch {
  template <class Score>
  struct Step {
    Score score;                 ///< of the best path that ends here
    std::uint32_t start, token;  ///< its last token, from where it starts
  };
  struct Segment {
    std::size_t begin, end;
    std::uint32_t token;
  };
  std::vector<Step<float>> single_steps;
  std::vector<Step<double>> double_steps;
  std::vector<Segment> segments;
};

/// A Unigram model over a vocabulary, its scores by id and the trie of its tokens. Immutable; copies share the arrays. Time: bytes of
/// the piece times those of the longest token.
class Unigram {
 public:
  using Scratch = UnigramScratch;

  Unigram(TokenTable tokens, std::span<const double> scores, TokenTrie trie, UnigramOptions options)
      : tokens_{tokens}, scores_{scores}, trie_{trie}, options_{options}, fallback_tokens_{tokens} {}

  /// Appends the tokens of `piece` (not empty, below 4 GiB). Every id is below the vocabulary's size. Without an unknown token
  /// unknown characters are dropped.
  void encode(std::string_view piece, UnigramScratch& scratch, std::vector<std::int32_t>& out) const {
    scratch.segments.clear();
    if (options_.single_precision)
      find_path(piece, scratch.single_steps, scratch.segments);
    else
      find_path(piece, scratch.double_steps, scratch.segments);
    for (std::size_t at = scratch.segments.size(); at-- > 0;) {
      auto& segment = scratch.segments[at];
      if (segment.token != options_.unknown) {
        out.push_back(static_cast<std::int32_t>(segment.token));
        continue;
      }
      for (; at > 0 && scratch.segments[at - 1].token == options_.unknown; --at) segment.end = scratch.segments[at - 1].end;
      write_unknown(piece.substr(segment.begin, segment.end - segment.begin), out);
    }
  }

 private:
  static constexpr std::uint32_t no_path = no_token;

  /// Appends the best path's segments from the last to the first. Of equal paths the one found first stays: the one whose last
  /// token starts first.
  template <class Score>
  void find_path(std::string_view piece, std::vector<UnigramScratch::Step<Score>>& steps,
                 std::vector<UnigramScratch::Segment>& segments) const {
    steps.assign(piece.size() + 1, {0, no_path, no_token});
    std::size_t furthest = 0;
    const auto reach = [&](std::size_t end, Score score, std::size_t start, std::uint32_t token) {
      furthest = std::max(furthest, end);
      auto& step = steps[end];
      if (step.start == no_path || score > step.score) step = {score, static_cast<std::uint32_t>(start), token};
    };
    for (std::size_t start = 0; start < piece.size();) {
      if constexpr (std::is_same_v<Score, float>) rebase(std::span{steps}.subspan(start, furthest + 1 - start));
      const Score so_far = steps[start].score;
      const std::size_t character = std::min(code_point_size(piece[start]), piece.size() - start);
      bool known = false;
      trie_.each_prefix(piece.substr(start), [&](std::uint32_t token, std::size_t size) {
        if (token >= scores_.size() || token >= tokens_.size()) return;
        reach(start + size, static_cast<Score>(scores_[token]) + so_far, start, token);
        known = known || size == character;
      });
      if (!known) reach(start + character, static_cast<Score>(options_.unknown_score) + so_far, start, options_.unknown);
      start += character;
    }
    for (std::size_t end = piece.size(); end > 0;) {
      const auto& step = steps[end];
      if (step.start >= end) break;
      segments.push_back({step.start, end, step.token});
      end = step.start;
    }
  }

  /// Keeps sums so small that single precision tells them apart: `steps` are the next one and those reached from before it.
  static void rebase(std::span<UnigramScratch::Step<float>> steps) {
    constexpr float limit = 100'000;
    const float base = steps.front().score;
    if (base >= -limit && base <= limit) return;
    for (auto& step : steps)
      if (&step == steps.data() || step.start != no_path) step.score -= base;
  }

  void write_unknown(std::string_view run, std::vector<std::int32_t>& out) const {
    if (!options_.single_precision) {
      if (const std::uint32_t token = tokens_.find(run); token != no_token) return out.push_back(static_cast<std::int32_t>(token));
    }
    if (options_.byte_fallback && fallback_tokens_.cover(run)) {
      for (const char byte : run) out.push_back(static_cast<std::int32_t>(fallback_tokens_[byte]));
    } else if (options_.unknown < tokens_.size()) {
      out.push_back(static_cast<std::int32_t>(options_.unknown));
    }
  }

  TokenTable tokens_;
  std::span<const double> scores_;
  TokenTrie trie_;
  UnigramOptions options_;
  ByteTokens fallback_tokens_;
};

}  // namespace ingot::text
