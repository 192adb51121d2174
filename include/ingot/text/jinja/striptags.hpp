// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/striptags.hpp: text without its HTML tags and entities, as `|striptags` gives it.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/jinja/unicode.hpp>

namespace ingot::text::jinja {

/// Numeric character references and the named ones of XML and of common text; others stay as they are.
[[nodiscard]] inline std::string unescaped(std::string_view text) {
  static constexpr std::pair<std::string_view, char32_t> names[] = {
      {"amp", '&'},      {"lt", '<'},        {"gt", '>'},       {"quot", '"'},     {"apos", '\''},    {"nbsp", 0xA0},
      {"copy", 0xA9},    {"reg", 0xAE},      {"laquo", 0xAB},   {"raquo", 0xBB},   {"middot", 0xB7},  {"times", 0xD7},
      {"ndash", 0x2013}, {"mdash", 0x2014},  {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201C}, {"rdquo", 0x201D},
      {"bull", 0x2022},  {"hellip", 0x2026}, {"euro", 0x20AC},  {"trade", 0x2122}, {"larr", 0x2190},  {"rarr", 0x2192}};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '&' ? text.substr(0, std::min(text.size(), at + 13)).find(';', at) : text.npos;
    if (end == text.npos || end - at < 3) {
      out.push_back(text[at++]);
      continue;
    }
    std::string_view name = text.substr(at + 1, end - at - 1);
    char32_t point = 0;
    if (name.front() == '#') {
      const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
      name.remove_prefix(hex ? 2 : 1);
      bool good = !name.empty();
      for (const char c : name) {
        const char32_t digit = c >= '0' && c <= '9'                        ? char32_t(c - '0')
                               : hex && (c | 32) >= 'a' && (c | 32) <= 'f' ? char32_t((c | 32) - 'a' + 10)
                                                                           : 99;
        good = good && digit != 99;
        point = std::min<char32_t>(point * (hex ? 16 : 10) + digit, 0x110000);
      }
      if (!good)
        point = 0;
      else if (point == 0 || point >= 0x110000 || (point >= 0xD800 && point < 0xE000))
        point = 0xFFFD;
    } else {
      for (const auto& [known, value] : names)
        if (known == name) point = value;
    }
    if (point == 0) {
      out.push_back(text[at++]);
      continue;
    }
    unicode::append(out, point);
    at = end + 1;
  }
  return out;
}

/// Drops comments and tags, makes runs of white space one blank, and resolves entities.
[[nodiscard]] inline std::string without_tags(std::string_view text) {
  std::string kept;
  std::size_t at = 0;
  for (std::size_t start; (start = text.find('<', at)) != text.npos;) {
    const bool comment = text.substr(start).starts_with("<!--");
    const std::size_t end = comment ? text.find("-->", start + 4) : text.find('>', start);
    if (end == text.npos) break;
    kept += text.substr(at, start - at);
    at = end + (comment ? 3 : 1);
  }
  kept += text.substr(at);
  std::string out;
  bool blank = false;
  for (std::size_t i = 0; i < kept.size();) {
    const char32_t c = unicode::next(kept, i);
    if (unicode::is_space(c)) {
      blank = !out.empty();
      continue;
    }
    if (std::exchange(blank, false)) out.push_back(' ');
    unicode::append(out, c);
  }
  return unescaped(out);
}

}  // namespace ingot::text::jinja
