// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/word_pattern.hpp: the regexes of GPT-2, cl100k and their kin, matched by hand: five times as fast as PCRE2's
              // JIT.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// One of the regexes that cut text into words, numbers, runs of other characters and white space, whose alternatives differ only in
/// a few places. Every character of a text belongs to a match, so matches follow each other without gaps.
class WordPattern {
 public:
  /// The matcher for exactly this regex, if it is one of them.
  [[nodiscard]] static constexpr std::optional<WordPattern> recognise(std::string_view regex) noexcept {
    for (const auto& [spelling, pattern] : known)
      if (spelling == regex) return pattern;
    return std::nullopt;
  }

  /// Where the match that starts at `at` ends, or nothing where the regex itself has to tell: at characters that two versions of
  /// Unicode know differently. Expects valid UTF-8 and at < text.size().
  [[nodiscard]] std::optional<std::size_t> match_end(std::string_view text, std::size_t at) const noexcept {
    const Character first = character(text, at);
    switch (first.kind) {
      case letter:
        return run(text, at + first.size, letter);
      case number:
        return numbers(text, at + first.size);
      case unsure:
        return std::nullopt;
      default:
        break;
    }
    if (text[at] == '\'') {
      const std::optional<std::size_t> size = contraction(text.substr(at + 1));
      if (!size) return std::nullopt;
      if (*size > 0) return at + 1 + *size;
    }
    const std::size_t next = at + first.size;
    const Character second = next < text.size() ? character(text, next) : Character{line_break, 0};
    if (second.kind == unsure) return std::nullopt;
    const bool blank = text[at] == ' ';
    if (second.kind == letter && (blank || (any_prefix_ && first.kind != line_break))) return run(text, next + second.size, letter);
    if (blank && second.kind == number && blank_before_numbers_) return numbers(text, next + second.size);
    if (first.kind == other || (blank && second.kind == other)) {
      std::optional<std::size_t> end = run(text, next, other);
      if (end && breaks_behind_other_)
        while (*end < text.size() && (text[*end] == '\r' || text[*end] == '\n')) ++*end;
      return end;
    }
    return spaces(text, at);
  }

 private:
  enum Kind : std::uint8_t { other, letter, number, space, line_break, unsure, multibyte };
  struct Character {
    Kind kind;
    std::size_t size;
  };

  /// Kinds of single bytes.
  static constexpr std::array<Kind, 256> bytes = [] {
    std::array<Kind, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
      const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
      table[byte] = byte >= 0x80                    ? multibyte
                    : is_letter                     ? letter
                    : byte >= '0' && byte <= '9'    ? number
                    : byte == '\r' || byte == '\n'  ? line_break
                    : is_whitespace(char32_t{byte}) ? space
                                                    : other;
    }
    return table;
  }();

  /// Characters that came with Unicode 15: utf8proc 2.8 knows them, PCRE2 10.42 does not.
  static constexpr bool is_recent(char32_t c) noexcept {
    constexpr std::array<std::pair<char32_t, char32_t>, 23> ranges{
        {{0xCF3, 0xCF3},     {0xECE, 0xECE},     {0x10EFD, 0x10EFF}, {0x1123F, 0x11241}, {0x11B00, 0x11B09}, {0x11F00, 0x11F10},
         {0x11F12, 0x11F3A}, {0x11F3E, 0x11F59}, {0x1342F, 0x1342F}, {0x13439, 0x13455}, {0x1B132, 0x1B132}, {0x1B155, 0x1B155},
         {0x1D2C0, 0x1D2D3}, {0x1DF25, 0x1DF2A}, {0x1E030, 0x1E06D}, {0x1E08F, 0x1E08F}, {0x1E4D0, 0x1E4F9}, {0x1F6DC, 0x1F6DC},
         {0x1F774, 0x1F77F}, {0x1F7D9, 0x1F7D9}, {0x1FA75, 0x1FAF8}, {0x2B739, 0x2B739}, {0x31350, 0x323AF}}};
    if (c < ranges[0].first) return false;
    for (const auto& [low, high] : ranges)
      if (c >= low && c <= high) return true;
    return false;
  }

  [[nodiscard]] Kind kind_of(char32_t c) const noexcept {
    if (is_whitespace(c)) return space;
    const auto k = category(c);
    if (k == UTF8PROC_CATEGORY_CN || is_recent(c)) return unsure;
    if (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO) return letter;
    if (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO) return number;
    return marks_are_letters_ && k >= UTF8PROC_CATEGORY_MN && k <= UTF8PROC_CATEGORY_ME ? letter : other;
  }
  [[nodiscard]] Character character(std::string_view text, std::size_t at) const noexcept {
    const Kind kind = bytes[static_cast<unsigned char>(text[at])];
    if (kind != multibyte) return {kind, 1};
    std::size_t end = at;
    const char32_t c = next_code_point(text, end);
    return {kind_of(c), end - at};
  }

  /// Behind the characters of one kind.
  [[nodiscard]] std::optional<std::size_t> run(std::string_view text, std::size_t at, Kind kind) const noexcept {
    while (at < text.size()) {
      const Character c = character(text, at);
      if (c.kind == unsure) return std::nullopt;
      if (c.kind != kind) break;
      at += c.size;
    }
    return at;
  }
  /// Behind a number's further digits, of which there are at most `max_digits_` with the first.
  [[nodiscard]] std::optional<std::size_t> numbers(std::string_view text, std::size_t at) const noexcept {
    for (std::size_t count = 1; count < max_digits_ && at < text.size(); ++count) {
      const Character c = character(text, at);
      if (c.kind == unsure) return std::nullopt;
      if (c.kind != number) break;
      at += c.size;
    }
    return at;
  }
  /// Bytes of s, t, re, ve, m, ll or d at the start of what follows an apostrophe; 0 where there is none.
  [[nodiscard]] std::optional<std::size_t> contraction(std::string_view rest) const noexcept {
    const auto lower = [&](std::size_t at) {
      const char c = at < rest.size() ? rest[at] : '\0';
      return any_case_ && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    switch (lower(0)) {
      case 's':
      case 't':
      case 'm':
      case 'd':
        return 1;
      case 'r':
      case 'v':
        return lower(1) == 'e' ? 2 : 0;
      case 'l':
        return lower(1) == 'l' ? 2 : 0;
      case '\xC5':
        if (any_case_) return std::nullopt;  // U+017F is an s, too
        return 0;
      default:
        return 0;
    }
  }
  /// White space: up to its last line break, where those count; else all but the last character, which goes with the next word.
  [[nodiscard]] std::optional<std::size_t> spaces(std::string_view text, std::size_t at) const noexcept {
    std::size_t end = at, last = at, behind_break = at;
    while (end < text.size()) {
      const Character c = character(text, end);
      if (c.kind == unsure) return std::nullopt;
      if (c.kind != space && c.kind != line_break) break;
      last = end;
      end += c.size;
      if (c.kind == line_break) behind_break = end;
    }
    if (ends_at_break_ && behind_break > at) return behind_break;
    return end == text.size() || last == at ? end : last;
  }

  static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);
  bool any_case_ = true;               ///< contractions in either case
  bool any_prefix_ = true;             ///< a word takes one character of any kind but L, N, \r and \n in front; else a blank
  bool marks_are_letters_ = false;     ///< M counts as L
  bool blank_before_numbers_ = false;  ///< a number takes a blank in front
  bool breaks_behind_other_ = true;    ///< a run of other characters takes the line breaks behind it
  bool ends_at_break_ = true;          ///< white space with a line break ends behind its last one
  std::size_t max_digits_ = 1;

  constexpr WordPattern() noexcept = default;
  static constexpr WordPattern gpt2() noexcept {
    WordPattern pattern;
    pattern.any_case_ = pattern.any_prefix_ = pattern.breaks_behind_other_ = pattern.ends_at_break_ = false;
    pattern.blank_before_numbers_ = true;
    pattern.max_digits_ = unlimited;
    return pattern;
  }
  static constexpr WordPattern cl100k(std::size_t max_digits, bool marks_are_letters = false) noexcept {
    WordPattern pattern;
    pattern.max_digits_ = max_digits;
    pattern.marks_are_letters_ = marks_are_letters;
    return pattern;
  }
  static const std::array<std::pair<std::string_view, WordPattern>, 7> known;
};

inline constexpr std::array<std::pair<std::string_view, WordPattern>, 7> WordPattern::known{{
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", gpt2()},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", gpt2()},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)", cl100k(1)},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)", cl100k(3)},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     cl100k(unlimited)},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     cl100k(1, true)},
    {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)", cl100k(3)},
}};

}  // namespace ingot::text
