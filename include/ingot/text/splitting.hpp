// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/splitting.hpp: what becomes of a text's matches and of what lies between them.

#include <cstdint>
#include <vector>

#include <ingot/text/archive.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// The five behaviours of `tokenizers`; "a-b" split at "-" is: a b | a - b | a- b | a -b | a - b (runs of matches joined).
enum class SplitBehavior : std::uint8_t { removed, isolated, merged_with_previous, merged_with_next, contiguous };
constexpr SplitBehavior last_enumerator(SplitBehavior) noexcept { return SplitBehavior::contiguous; }

/// Takes the matches within one piece of text in order and appends the pieces that result, never an empty one.
class SplitCollector {
 public:
  /// `invert` makes matches of the gaps and gaps of the matches.
  SplitCollector(Span whole, SplitBehavior behavior, bool invert, std::vector<Span>& out) noexcept
      : whole_{whole}, behavior_{behavior}, invert_{invert}, at_{whole.begin}, first_{out.size()}, out_{out} {}

  /// `match` is relative to the piece's own start.
  void match(Span match) {
    const Span here{whole_.begin + match.begin, whole_.begin + match.end};
    if (at_ < here.begin) add({at_, here.begin}, false);
    add(here, true);
    at_ = here.end;
  }
  void finish() {
    if (at_ < whole_.end) add({at_, whole_.end}, false);
    if (behavior_ == SplitBehavior::isolated || behavior_ == SplitBehavior::removed) return;
    std::erase_if(out_, [](Span piece) { return piece.size() == 0; });
  }

 private:
  void add(Span piece, bool is_match) {
    is_match = is_match != invert_;
    const bool have = out_.size() > first_;
    bool join = false;
    switch (behavior_) {
      case SplitBehavior::removed:
        if (!is_match && piece.size() > 0) out_.push_back(piece);
        return;
      case SplitBehavior::isolated:
        if (piece.size() > 0) out_.push_back(piece);
        return;
      case SplitBehavior::contiguous:
        join = is_match == previous_;
        break;
      case SplitBehavior::merged_with_previous:
        join = is_match && !previous_;
        break;
      case SplitBehavior::merged_with_next:
        join = !is_match && previous_;
        break;
    }
    previous_ = is_match;
    if (join && have)
      out_.back().end = piece.end;
    else
      out_.push_back(piece);
  }

  Span whole_;
  SplitBehavior behavior_;
  bool invert_, previous_ = false;
  std::size_t at_, first_;
  std::vector<Span>& out_;
};

}  // namespace ingot::text
