// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/text_search.hpp: methods of str that strip, find, replace, split and join.

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/escape.hpp>
#include <ingot/text/jinja/runtime.hpp>

namespace ingot::text::jinja {

/// A method of str: `self.name(arguments)`. Results of a Markup are Markup.
using TextMethod = Result<Value> (*)(Runtime&, const Text& self, const Arguments&);

namespace text_methods {

inline Result<Value> like(Runtime& runtime, const Text& self, std::string text) {
  return make_text(runtime.budget, std::move(text), self.markup);
}
inline Value piece(const Text& self, std::string_view text) { return Value{std::string{text}, self.markup}; }

/// `new`, escaped when it is put into a Markup.
inline std::string inserted(const Text& self, const Value& value) {
  const Text& text = *value.text();
  return self.markup && !text.markup ? escaped(text.bytes) : text.bytes;
}

/// strip, lstrip, rstrip: white space, or the characters of a set.
template <bool left, bool right>
Result<Value> strip(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("strip", arguments, {"chars"}));
  INGOT_CHECK(runtime.budget.text(self.bytes.size()));
  if (bound[0].missing() || bound[0].none()) return piece(self, unicode::strip(self.bytes, left, right, unicode::is_space));
  INGOT_TRY(const std::string_view chars, to_str(bound[0], "strip arg"));
  std::u32string set;
  for (std::size_t at = 0; at < chars.size();) set.push_back(unicode::next(chars, at));
  std::sort(set.begin(), set.end());
  return piece(self, unicode::strip(self.bytes, left, right, [&](char32_t c) { return std::binary_search(set.begin(), set.end(), c); }));
}

inline Result<Value> replaced(Runtime& runtime, const Text& self, std::string_view from, std::string_view to, std::int64_t count) {
  std::string out;
  const std::string_view text = self.bytes;
  std::size_t at = 0;
  for (; count != 0; --count) {
    const std::size_t found = text.find(from, at);
    if (found == text.npos) break;
    out.append(text, at, found - at).append(to);
    at = found + from.size();
    if (from.empty()) {  // before every character, and at the end
      if (found == text.size()) return like(runtime, self, std::move(out));
      const std::size_t next = unicode::offset(text, 1, found);
      out.append(text, found, next - found);
      at = next;
    }
    if (out.size() > runtime.budget.limits().output) break;
  }
  out.append(text, std::min(at, text.size()));
  return like(runtime, self, std::move(out));
}
inline Result<Value> replace(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("replace", arguments, {"old", "new", "count"}, 2));
  INGOT_TRY(const std::string_view from, to_str(bound[0], "replace() argument 1"));
  INGOT_CHECK(to_str(bound[1], "replace() argument 2"));
  INGOT_CHECK(runtime.budget.search(self.bytes.size(), from.size()));
  INGOT_TRY(const std::int64_t count, to_index(bound[2], -1));
  return replaced(runtime, self, from, inserted(self, bound[1]), count);
}

/// Ends of a search given in code points, negative ones from the end, as bytes of the text.
inline Result<std::pair<std::size_t, std::size_t>> span(const Text& self, const Value& start, const Value& end) {
  const auto clamp = [&](std::int64_t index) {
    const auto n = static_cast<std::int64_t>(self.points);
    return static_cast<std::size_t>(std::clamp<std::int64_t>(index < 0 ? std::max<std::int64_t>(index, -n) + n : index, 0, n));
  };
  INGOT_TRY(const std::int64_t first, to_index(start, 0));
  INGOT_TRY(const std::int64_t last, to_index(end, std::numeric_limits<std::int64_t>::max()));
  if (first > static_cast<std::int64_t>(self.points)) return std::pair{std::string::npos, std::size_t{0}};
  return std::pair{unicode::offset(self.bytes, clamp(first)), unicode::offset(self.bytes, clamp(last))};
}

/// find, rfind, index, rindex: in code points.
template <bool last, bool must>
Result<Value> find(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("find", arguments, {"sub", "start", "end"}, 1));
  INGOT_TRY(const std::string_view wanted, to_str(bound[0], "find() argument"));
  INGOT_TRY(const auto ends, span(self, bound[1], bound[2]));
  INGOT_CHECK(runtime.budget.search(self.bytes.size(), wanted.size()));
  std::size_t found = std::string::npos;
  if (ends.first <= ends.second) {
    const std::string_view part = std::string_view{self.bytes}.substr(ends.first, ends.second - ends.first);
    found = last ? part.rfind(wanted) : part.find(wanted);
  }
  if (found != std::string::npos) return Value::size(unicode::length(std::string_view{self.bytes}.substr(0, ends.first + found)));
  if (must) return failure("ValueError: substring not found");
  return Value{std::int64_t{-1}};
}
inline Result<Value> count(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("count", arguments, {"sub", "start", "end"}, 1));
  INGOT_TRY(const std::string_view wanted, to_str(bound[0], "count() argument"));
  INGOT_TRY(const auto ends, span(self, bound[1], bound[2]));
  INGOT_CHECK(runtime.budget.search(self.bytes.size(), wanted.size()));
  if (ends.first > ends.second) return Value{std::int64_t{0}};
  const std::string_view part = std::string_view{self.bytes}.substr(ends.first, ends.second - ends.first);
  if (wanted.empty()) return Value::size(unicode::length(part) + 1);
  std::size_t n = 0;
  for (std::size_t at = part.find(wanted); at != part.npos; at = part.find(wanted, at + wanted.size())) ++n;
  return Value::size(n);
}
/// startswith, endswith: one text or a tuple of them.
template <bool end>
Result<Value> affix(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind(end ? "endswith" : "startswith", arguments, {"prefix", "start", "end"}, 1));
  INGOT_TRY(const auto ends, span(self, bound[1], bound[2]));
  const std::string_view part = ends.first <= ends.second ? std::string_view{self.bytes}.substr(ends.first, ends.second - ends.first) : "";
  const auto matches = [&](const Value& value) -> Result<bool> {
    INGOT_CHECK(runtime.budget.spend());
    INGOT_TRY(const std::string_view wanted, to_str(value, end ? "endswith first arg" : "startswith first arg"));
    return ends.first <= ends.second && (end ? part.ends_with(wanted) : part.starts_with(wanted));
  };
  if (!bound[0].tuple()) {
    INGOT_TRY(const bool found, matches(bound[0]));
    return Value{found};
  }
  for (const Value& item : bound[0].tuple()->items) {
    INGOT_TRY(const bool found, matches(item));
    if (found) return Value{true};
  }
  return Value{false};
}
template <bool suffix>
Result<Value> remove_affix(Runtime&, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind(suffix ? "removesuffix" : "removeprefix", arguments, {"prefix"}, 1));
  INGOT_TRY(const std::string_view wanted, to_str(bound[0], "argument"));
  std::string_view text = self.bytes;
  if (suffix && text.ends_with(wanted)) text.remove_suffix(wanted.size());
  if (!suffix && text.starts_with(wanted)) text.remove_prefix(wanted.size());
  return piece(self, text);
}
template <bool last>
Result<Value> partition(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("partition", arguments, {"sep"}, 1));
  INGOT_TRY(const std::string_view wanted, to_str(bound[0], "separator"));
  if (wanted.empty()) return failure("ValueError: empty separator");
  const std::string_view text = self.bytes;
  INGOT_CHECK(runtime.budget.search(text.size(), wanted.size()));
  const std::size_t found = last ? text.rfind(wanted) : text.find(wanted);
  if (found == text.npos) {
    const Value whole = piece(self, text), none = piece(self, "");
    return make_tuple(runtime.budget, last ? std::vector{none, none, whole} : std::vector{whole, none, none});
  }
  return make_tuple(runtime.budget,
                    {piece(self, text.substr(0, found)), piece(self, wanted), piece(self, text.substr(found + wanted.size()))});
}

/// split, rsplit: at a separator, or at runs of white space.
template <bool right>
Result<Value> split(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind(right ? "rsplit" : "split", arguments, {"sep", "maxsplit"}));
  INGOT_TRY(const std::int64_t most, to_index(bound[1], -1));
  std::string_view text = self.bytes;
  INGOT_CHECK(runtime.budget.text(text.size()));
  std::vector<Value> parts;
  const auto add = [&](std::string_view part) -> Status {
    INGOT_CHECK(runtime.budget.elements(parts.size() % 64 == 0 ? parts.size() : 1));
    parts.push_back(piece(self, part));
    return {};
  };
  std::uint64_t left = most < 0 ? std::numeric_limits<std::uint64_t>::max() : static_cast<std::uint64_t>(most);
  if (bound[0].missing() || bound[0].none()) {
    const auto visible = [](char32_t c) { return !unicode::is_space(c); };
    for (text = unicode::strip(text, !right, right, unicode::is_space); !text.empty() && left > 0; --left) {
      const std::string_view rest = unicode::strip(text, !right, right, visible);
      if (rest.size() == text.size()) break;
      INGOT_CHECK(add(right ? text.substr(rest.size()) : text.substr(0, text.size() - rest.size())));
      text = unicode::strip(rest, !right, right, unicode::is_space);
    }
    if (!text.empty()) INGOT_CHECK(add(text));  // only once maxsplit is used up
  } else {
    INGOT_TRY(const std::string_view wanted, to_str(bound[0], "sep"));
    if (wanted.empty()) return failure("ValueError: empty separator");
    INGOT_CHECK(runtime.budget.search(text.size(), wanted.size()));
    for (; left > 0; --left) {
      const std::size_t found = right ? text.rfind(wanted) : text.find(wanted);
      if (found == text.npos) break;
      INGOT_CHECK(add(right ? text.substr(found + wanted.size()) : text.substr(0, found)));
      if (right)
        text.remove_suffix(text.size() - found);
      else
        text.remove_prefix(found + wanted.size());
    }
    INGOT_CHECK(add(text));
  }
  if (right) std::reverse(parts.begin(), parts.end());
  return make_sequence(runtime.budget, std::move(parts));
}

/// The lines of a text, as str.splitlines finds them.
[[nodiscard]] inline Result<std::vector<std::string_view>> lines(Budget& budget, std::string_view text, bool keep_ends = false) {
  std::vector<std::string_view> found;
  INGOT_CHECK(budget.text(text.size()));
  for (std::size_t at = 0, start = 0; at < text.size();) {
    const std::size_t before = at;
    const char32_t c = unicode::next(text, at);
    if (unicode::is_line_break(c)) {
      if (c == '\r' && at < text.size() && text[at] == '\n') ++at;
      found.push_back(text.substr(start, (keep_ends ? at : before) - start));
      start = at;
      INGOT_CHECK(budget.spend());
    } else if (at >= text.size()) {
      found.push_back(text.substr(start));
    }
  }
  return found;
}
inline Result<Value> splitlines(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("splitlines", arguments, {"keepends"}));
  INGOT_TRY(const auto found, lines(runtime.budget, self.bytes, truth(bound[0])));
  std::vector<Value> parts;
  for (const std::string_view line : found) parts.push_back(piece(self, line));
  return make_sequence(runtime.budget, std::move(parts));
}

inline Result<Value> join(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("join", arguments, {"iterable"}, 1));
  INGOT_TRY(Cursor cursor, Cursor::over(runtime.budget, bound[0]));
  std::string out;
  bool markup = self.markup;
  for (std::size_t i = 0;; ++i) {
    INGOT_TRY(const Value item, cursor.next());
    if (item.missing()) return make_text(runtime.budget, std::move(out), markup);
    if (!item.text() && !self.markup)
      return failure("TypeError: sequence item " + std::to_string(i) + ": expected str instance, " + type_name(item) + " found");
    if (i > 0) out += self.bytes;
    if (self.markup && !(item.text() && item.text()->markup)) {
      INGOT_TRY(const std::string text, to_text(runtime.budget, item));
      out += escaped(text);
    } else {
      out += item.text()->bytes;
    }
    if (out.size() > runtime.budget.limits().output) return runtime.budget.text(out.size()).error();
  }
}

}  // namespace text_methods

}  // namespace ingot::text::jinja
