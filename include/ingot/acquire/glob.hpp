// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/glob.hpp: patterns of file names, as Python's fnmatch reads them: `*` crosses `/`.

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include <ingot/acquire/headers.hpp>

namespace ingot::acquire {
namespace detail {

/// Whether the class at pattern[at] (a `[`) holds `c`; `at` moves behind it. An unclosed `[` is a character.
[[nodiscard]] constexpr bool in_class(std::string_view pattern, std::size_t& at, char c) noexcept {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && pattern[i] == '!';
  if (negated) ++i;
  const std::size_t first = i;
  const std::size_t end = first < pattern.size() ? pattern.find(']', first + 1) : pattern.npos;  // a `]` right at the start is a member
  if (end == pattern.npos) {
    ++at;
    return c == '[';
  }
  bool found = false;
  for (i = first; i < end;) {
    if (i + 2 < end && pattern[i + 1] == '-') {
      found = found || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 3;
    } else {
      found = found || pattern[i] == c;
      ++i;
    }
  }
  at = end + 1;
  return found != negated;
}

}  // namespace detail

/// Whether `text` ends with one of `suffixes`, in any case.
[[nodiscard]] constexpr bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> suffixes) noexcept {
  for (const std::string_view suffix : suffixes)
    if (text.size() >= suffix.size() && equal_ignoring_case(text.substr(text.size() - suffix.size()), suffix)) return true;
  return false;
}

/// Whether `pattern` (`*`, `?`, `[a-z]`, `[!a-z]`) matches all of `text`; a pattern that ends with `/` stands for all below it.
/// Time: at most pattern times text, whatever they hold.
[[nodiscard]] constexpr bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
  const bool whole_directory = pattern.ends_with('/');
  const std::size_t last_close = pattern.find_last_of(']');  // no class begins behind it: looking for its end each time took a square more
  std::size_t p = 0, t = 0, star = pattern.npos, starred = 0;
  while (t < text.size()) {
    if (p == pattern.size() && whole_directory) return true;
    std::size_t next = p;
    bool matched = false;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      starred = t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '[' && last_close != pattern.npos && p < last_close) {
      matched = detail::in_class(pattern, next, text[t]);
    } else if (p < pattern.size()) {
      matched = pattern[p] == '?' || pattern[p] == text[t];
      ++next;
    }
    if (matched) {
      p = next;
      ++t;
    } else if (star != pattern.npos) {  // the last star takes one character more
      p = star + 1;
      t = ++starred;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size() && !whole_directory;
}

}  // namespace ingot::acquire
