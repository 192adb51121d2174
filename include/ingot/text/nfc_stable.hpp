// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/nfc_stable.hpp: which parts of a text NFC may change; most text has none.

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// True for characters that NFC leaves as they are whatever stands before them: starters that are their own composed form and never
/// the second part of one. Says false of some that are, to stay short; true means true in every version of Unicode.
[[nodiscard]] constexpr bool is_nfc_stable(char32_t c) noexcept {
  constexpr std::array<std::pair<char32_t, char32_t>, 20> stable{{
      {0x388, 0x482},   {0x488, 0x52F},   {0x531, 0x556},   {0x561, 0x587},   {0x5D0, 0x5EA},   {0x620, 0x64A},   {0x671, 0x6D3},
      {0x905, 0x928},   {0x92A, 0x930},   {0xE01, 0xE37},   {0x1E00, 0x1F70}, {0x2010, 0x2027}, {0x2030, 0x205E}, {0x20A0, 0x20C0},
      {0x2190, 0x2328}, {0x232B, 0x2ADB}, {0x2E80, 0x3029}, {0x3030, 0x3098}, {0x309B, 0xA48C}, {0xAC00, 0xD7A3},
  }};
  if (c < 0x300) return true;
  if (c > stable.back().second) return (c >= 0xFE30 && c <= 0xFFFD) || (c >= 0x1F000 && c <= 0x2EBE0);
  const auto* range = std::lower_bound(stable.begin(), stable.end(), c, [](const auto& r, char32_t value) { return r.second < value; });
  return range->first <= c;
}

/// The first stretch of `text` (valid UTF-8) at or after `from` that NFC might change and that can be normalized by itself; empty and
/// at the end when there is none. Stretches that are nearly neighbours come as one.
[[nodiscard]] inline Span next_nfc_stretch(std::string_view text, std::size_t from) noexcept {
  constexpr std::size_t gap = 64;  // bytes of stable text worth a call less
  std::size_t begin = from, end = from, unstable_end = 0, previous = from;
  bool found = false;
  while (end < text.size()) {
    const std::size_t start = end;
    if (static_cast<unsigned char>(text[start]) < 0xCC) {  // below U+0300
      end += code_point_size(text[start]);
    } else if (!is_nfc_stable(next_code_point(text, end))) {
      if (!found) begin = previous;  // what may compose with it
      found = true;
      unstable_end = end;
    }
    if (found && end - unstable_end > gap) return {begin, unstable_end};
    previous = start;
  }
  return found ? Span{begin, unstable_end} : Span{text.size(), text.size()};
}

}  // namespace ingot::text
