// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/stop_strings.hpp: ends a stream of text at the first of some strings, wherever its pieces are cut.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingot::text {

/// Passes text on until a stop string is complete. What comes out is all that stands before the stop string that is complete first
/// (of several that end at the same place, the longest); only the longest end that may still become one is held back.
class StopStrings {
 public:
  /// Empty strings are ignored.
  explicit StopStrings(std::vector<std::string> strings = {}) {
    for (std::string& text : strings)
      if (!text.empty()) patterns_.push_back({std::move(text), {}, 0});
    for (Pattern& pattern : patterns_) {  // of each prefix, its longest border: where a match goes on after a character that does not fit
      pattern.borders.assign(pattern.text.size() + 1, 0);
      for (std::size_t i = 1, k = 0; i < pattern.text.size(); ++i) {
        while (k > 0 && pattern.text[i] != pattern.text[k]) k = pattern.borders[k];
        k += pattern.text[i] == pattern.text[k];
        pattern.borders[i + 1] = k;
      }
    }
  }

  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  /// The text that `piece` releases; valid until the next call. Nothing after a stop.
  [[nodiscard]] std::string_view push(std::string_view piece) {
    released_.clear();
    if (stopped_) return released_;
    held_.append(piece);
    for (std::size_t at = held_.size() - piece.size(); at < held_.size() && !stopped_; ++at) {
      std::size_t longest = 0;
      for (Pattern& pattern : patterns_)
        if (advance(pattern, held_[at])) longest = std::max(longest, pattern.text.size());
      if (longest == 0) continue;
      stopped_ = true;
      held_.resize(at + 1 - longest);
    }
    std::size_t keep = 0;
    if (!stopped_)
      for (const Pattern& pattern : patterns_) keep = std::max(keep, pattern.matched);
    released_.assign(held_, 0, held_.size() - keep);
    held_.erase(0, held_.size() - keep);
    return released_;
  }

  /// What is still held back, when the stream ends without a stop string.
  [[nodiscard]] std::string_view finish() {
    released_ = std::exchange(held_, {});
    return released_;
  }

 private:
  struct Pattern {
    std::string text;
    std::vector<std::size_t> borders;
    std::size_t matched;  ///< characters of the text that the stream ends with
  };

  static bool advance(Pattern& pattern, char c) {
    while (pattern.matched > 0 && (pattern.matched == pattern.text.size() || pattern.text[pattern.matched] != c))
      pattern.matched = pattern.borders[pattern.matched];
    pattern.matched += pattern.text[pattern.matched] == c;
    return pattern.matched == pattern.text.size();
  }

  std::vector<Pattern> patterns_;
  std::string held_, released_;
  bool stopped_ = false;
};

}  // namespace ingot::text
