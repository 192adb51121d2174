// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/wrap.hpp: paragraphs into lines, as Python's textwrap breaks them.

#include <string>
#include <string_view>
#include <vector>

#include <ingot/text/jinja/unicode.hpp>

namespace ingot::text::jinja {

namespace detail {

/// Splits a paragraph into words and runs of blanks. Words may be cut after a hyphen between words, and around dashes "--".
[[nodiscard]] inline std::vector<std::string_view> wrap_pieces(std::string_view text, bool hyphens) {
  std::vector<std::size_t> starts;
  std::u32string points;
  for (std::size_t at = 0; at < text.size();) {
    starts.push_back(at);
    points.push_back(unicode::next(text, at));
  }
  starts.push_back(text.size());
  const std::size_t n = points.size();
  const auto blank = [&](std::size_t i) { return points[i] == ' ' || (points[i] >= '\t' && points[i] <= '\r'); };
  const auto word = [&](std::size_t i) { return i < n && unicode::is_word(points[i]); };
  const auto letter = [&](std::size_t i) { return word(i) && !unicode::is_decimal(points[i]); };
  const auto dash = [&](std::size_t i) { return i < n && points[i] == '-'; };
  const auto word_or_mark = [&](std::size_t i) {  // i may have wrapped around below 0
    return word(i) ||
           (i < n && points[i] < 0x80 && std::string_view{"!\"'&.,?"}.find(static_cast<char>(points[i])) != std::string_view::npos);
  };
  const auto dashes = [&](std::size_t i) {  // the end of two or more dashes that stand before a word and after one; 0: none
    std::size_t end = i;
    while (word_or_mark(i - 1) && dash(end)) ++end;
    return end >= i + 2 && word(end) ? end : 0;
  };
  const auto after_hyphen = [&](std::size_t i) {  // whether a word may be cut before i
    const bool before = (letter(i - 3) && letter(i - 2)) || (letter(i - 4) && dash(i - 3) && word_or_mark(i - 2));
    return dash(i - 1) && before && letter(i) && (letter(i + 1) || (dash(i + 1) && letter(i + 2)));
  };
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < n;) {
    const std::size_t start = i;
    if (blank(i)) {
      while (i < n && blank(i)) ++i;
    } else if (const std::size_t end = hyphens ? dashes(i) : 0; end != 0) {
      i = end;
    } else {
      do ++i;
      while (i < n && !blank(i) && !(hyphens && (after_hyphen(i) || dashes(i) != 0)));
    }
    pieces.push_back(text.substr(starts[start], starts[i] - starts[start]));
  }
  return pieces;
}

}  // namespace detail

/// Lines of at most `width` code points. Blanks at line breaks are dropped; words longer than a line are cut or stand alone.
[[nodiscard]] inline std::vector<std::string> wrap(std::string_view text, std::size_t width, bool break_long, bool hyphens) {
  const auto pieces = detail::wrap_pieces(text, hyphens);
  const auto blank = [](std::string_view piece) { return unicode::strip(piece).empty(); };
  std::vector<std::string> lines;
  std::string_view rest = pieces.empty() ? std::string_view{} : pieces.front();
  for (std::size_t i = 0; i < pieces.size();) {
    const auto advance = [&] { rest = ++i < pieces.size() ? pieces[i] : std::string_view{}; };
    std::vector<std::string_view> line;
    std::size_t used = 0;
    if (blank(rest) && !lines.empty()) {
      advance();
      if (i >= pieces.size()) break;
    }
    while (i < pieces.size()) {
      const std::size_t length = unicode::length(rest);
      if (used + length > width) break;
      line.push_back(rest);
      used += length;
      advance();
    }
    if (i < pieces.size() && unicode::length(rest) > width) {
      if (break_long) {
        std::size_t room = width - used;
        if (hyphens) {  // prefer the last hyphen that still fits, unless only hyphens stand before it
          const std::size_t fits = unicode::offset(rest, room), hyphen = rest.substr(0, fits).rfind('-');
          if (unicode::length(rest) > room && hyphen != rest.npos && hyphen > 0 &&
              rest.substr(0, hyphen).find_first_not_of('-') != rest.npos)
            room = unicode::length(rest.substr(0, hyphen + 1));
        }
        const std::size_t cut = unicode::offset(rest, room);
        line.push_back(rest.substr(0, cut));
        rest.remove_prefix(cut);
        if (rest.empty()) advance();
      } else if (line.empty()) {
        line.push_back(rest);
        advance();
      }
    }
    if (!line.empty() && blank(line.back())) line.pop_back();
    if (line.empty()) continue;
    std::string& out = lines.emplace_back();
    for (const std::string_view piece : line) out += piece;
  }
  return lines;
}

}  // namespace ingot::text::jinja
