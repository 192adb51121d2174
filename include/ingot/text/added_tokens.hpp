// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/added_tokens.hpp: finds added tokens in text, leftmost first, then longest.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// A token that is cut out of the text before the model sees it.
struct AddedToken {
  std::string content;
  std::uint32_t id = 0;
  bool special = false;                 ///< left out by decode when the caller asks for that
  bool single_word = false;             ///< not between or beside word characters
  bool lstrip = false, rstrip = false;  ///< takes the white space on its left, right
  bool normalized = false;              ///< looked for in the normalized text
};

/// One token as it is stored: `content` is the form that is looked for.
struct AddedEntry {
  std::uint32_t offset = 0, size = 0, id = 0, flags = 0;
  static constexpr std::uint32_t single_word = 1, lstrip = 2, rstrip = 4, known_flags = 7;
};
static_assert(sizeof(AddedEntry) == 16, "stored as it lies in memory");

/// A part of a text: the added token `id`, or text between such tokens.
struct Fragment {
  Span span;
  std::uint32_t id = 0;
  bool is_token = false;
};

/// Non-owning. Needs no set-up beyond a table of first bytes: a match is a walk through the sorted entries.
class AddedTokenFinder {
 public:
  AddedTokenFinder() noexcept = default;
  /// `entries` are sorted by content, without duplicates or empty ones, and lie within `bytes`.
  AddedTokenFinder(std::span<const AddedEntry> entries, std::string_view bytes) noexcept : entries_{entries}, bytes_{bytes} {
    for (std::size_t i = entries.size(); i-- > 0;) {
      const auto lead = static_cast<unsigned char>(content(entries[i])[0]);
      first_[lead] = static_cast<std::uint32_t>(i);
      if (last_[lead] == 0) last_[lead] = static_cast<std::uint32_t>(i + 1);
    }
  }

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  /// Replaces `out` by the fragments of `text`, none of them empty text.
  void split(std::string_view text, std::vector<Fragment>& out) const {
    out.clear();
    std::size_t done = 0;
    if (entries_.empty()) {
      if (!text.empty()) out.push_back({{0, text.size()}});
      return;
    }
    for (std::size_t at = 0; at < text.size();) {
      if (last_[static_cast<unsigned char>(text[at])] == 0) {  // no token begins so
        ++at;
        continue;
      }
      const AddedEntry* found = longest_at(text, at);
      if (found == nullptr) {
        ++at;
        continue;
      }
      std::size_t begin = at, end = at + found->size;
      at = end;  // the search goes on here, whatever white space the token takes
      if ((found->flags & AddedEntry::single_word) != 0 && (word_before(text, begin) || word_after(text, end))) continue;
      if ((found->flags & AddedEntry::lstrip) != 0) begin = std::max(space_before(text, begin), done);
      if ((found->flags & AddedEntry::rstrip) != 0) end = space_after(text, end);
      if (begin >= end) continue;  // the token before it has taken all of it
      if (done < begin) out.push_back({{done, begin}});
      out.push_back({{begin, end}, found->id, true});
      done = end;
    }
    if (done < text.size()) out.push_back({{done, text.size()}});
  }

  /// The longest entry that `text` has at `at`. Narrows the sorted range by one byte after the other.
  [[nodiscard]] const AddedEntry* longest_at(std::string_view text, std::size_t at) const noexcept {
    const auto lead = static_cast<unsigned char>(text[at]);
    auto low = entries_.begin() + first_[lead], high = entries_.begin() + last_[lead];
    const AddedEntry* best = nullptr;
    for (std::size_t depth = 1; low < high; ++depth) {
      if (low->size == depth) {  // the shortest of a range sorts first
        best = &*low;
        if (++low == high) break;
      }
      if (at + depth >= text.size()) break;
      const auto byte = static_cast<unsigned char>(text[at + depth]);
      const auto key = [&](const AddedEntry& entry) { return static_cast<unsigned char>(bytes_[entry.offset + depth]); };
      low = std::partition_point(low, high, [&](const AddedEntry& entry) { return key(entry) < byte; });
      high = std::partition_point(low, high, [&](const AddedEntry& entry) { return key(entry) <= byte; });
    }
    return best;
  }

 private:
  [[nodiscard]] std::string_view content(const AddedEntry& entry) const noexcept { return bytes_.substr(entry.offset, entry.size); }

  static bool word_before(std::string_view text, std::size_t at) noexcept {
    if (at == 0) return false;
    std::size_t start = previous_code_point(text, at);
    return is_word(next_code_point(text, start));
  }
  static bool word_after(std::string_view text, std::size_t at) noexcept { return at < text.size() && is_word(next_code_point(text, at)); }
  static std::size_t space_before(std::string_view text, std::size_t at) noexcept {
    while (at > 0) {
      const std::size_t start = previous_code_point(text, at);
      std::size_t next = start;
      if (!is_whitespace(next_code_point(text, next))) break;
      at = start;
    }
    return at;
  }
  static std::size_t space_after(std::string_view text, std::size_t at) noexcept {
    for (std::size_t next = at; at < text.size() && is_whitespace(next_code_point(text, next));) at = next;
    return at;
  }

  std::span<const AddedEntry> entries_;
  std::string_view bytes_;
  std::array<std::uint32_t, 256> first_{}, last_{};
};

}  // namespace ingot::text
