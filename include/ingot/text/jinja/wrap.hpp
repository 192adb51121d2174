// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/wrap.hpp: paragraphs into lines, as Python's textwrap breaks them.

#include <string>
#include <string_view>
#include <vector>

#include <ingot/text/jinja/unicode.hpp>

namespace ingot::text::jinja {

namespace detail {

/// Splits a paragraph into words and runs of blanks; a hyphen between two letters or after one may end a piece.
[[nodiscard]] inline std::vector<std::string_view> wrap_pieces(std::string_view text, bool hyphens) {
  const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  const auto letter = [&](std::size_t at) {
    if (at >= text.size()) return false;
    std::size_t end = at;
    const char32_t c = unicode::next(text, end);
    return unicode::is_word(c) && !unicode::is_numeric(c) && c != '_';
  };
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (blank(text[at])) {
      while (at < text.size() && blank(text[at])) ++at;
    } else {
      for (std::size_t previous = at; at < text.size() && !blank(text[at]);) {
        const bool after_letter = at > start && letter(previous);
        previous = at;
        const char32_t c = unicode::next(text, at);
        if (hyphens && c == '-' && after_letter && letter(at)) break;
      }
    }
    pieces.push_back(text.substr(start, at - start));
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
        std::size_t room = std::max<std::size_t>(width - used, 1);
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
