// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/text_filters.hpp: filters that give text.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/filter_tools.hpp>
#include <ingot/text/jinja/wrap.hpp>

namespace ingot::text::jinja::filters {

inline Result<Value> string(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("string", arguments, {}));
  return soft_text(runtime, input);
}
inline Result<Value> safe(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("safe", arguments, {}));
  INGOT_TRY(std::string text, to_text(runtime.budget, input));
  return Value{std::move(text), true};
}
inline Result<Value> escape(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("escape", arguments, {}));
  if (input.text() && input.text()->markup) return input;
  INGOT_TRY(const std::string text, to_text(runtime.budget, input));
  return make_text(runtime.budget, escaped(text), true);
}
inline Result<Value> force_escape(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("forceescape", arguments, {}));
  INGOT_TRY(const std::string text, to_text(runtime.budget, input));
  return make_text(runtime.budget, escaped(text), true);
}
inline Result<Value> strip_tags(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("striptags", arguments, {}));
  INGOT_TRY(const std::string text, to_text(runtime.budget, input));
  return make_text(runtime.budget, without_tags(text));
}

inline Result<Value> center(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("center", arguments, {"width"}));
  INGOT_TRY(const Value text, soft_text(runtime, input));
  return text_methods::justify<'^'>(runtime, *text.text(), {{bound[0].missing() ? Value{std::int64_t{80}} : bound[0]}, {}});
}

/// Unlike str.title, only white space and opening brackets start a word.
inline Result<Value> title(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("title", arguments, {}));
  INGOT_TRY(const Value value, soft_text(runtime, input));
  const std::string_view text = value.text()->bytes;
  INGOT_CHECK(runtime.budget.text(3 * text.size()));
  std::string out;
  bool starts = true;
  std::size_t word = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = unicode::next(text, at);
    const bool gap = unicode::is_space(c) || (c < 0x80 && std::string_view{"-({[<"}.find(static_cast<char>(c)) != std::string_view::npos);
    if (starts && !gap) word = start;
    if (gap || starts)
      unicode::append_upper(out, c);
    else
      unicode::append_lower(out, c, text.substr(word), at - word);
    starts = gap;
  }
  return make_text(runtime.budget, std::move(out));
}

inline Result<Value> replace(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("replace", arguments, {"old", "new", "count"}, 2));
  INGOT_TRY(std::string text, to_text(runtime.budget, input));
  INGOT_TRY(const std::string from, to_text(runtime.budget, bound[0]));
  INGOT_TRY(const std::string to, to_text(runtime.budget, bound[1]));
  INGOT_TRY(const std::int64_t count, to_index(bound[2], -1));
  INGOT_CHECK(runtime.budget.search(text.size(), from.size()));
  const std::size_t points = text.size();  // not read by replaced()
  return text_methods::replaced(runtime, Text{std::move(text), points, false}, from, to, count);
}

inline Result<Value> indent(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("indent", arguments, {"width", "first", "blank"}));
  INGOT_CHECK(to_str(input, "the input of indent"));
  const Text& text = *input.text();
  std::string blanks;
  if (bound[0].text()) {
    blanks = bound[0].text()->bytes;
  } else {
    INGOT_TRY(const std::size_t width, to_width(bound[0], 4));
    INGOT_CHECK(runtime.budget.text(width));
    blanks.assign(width, ' ');
  }
  const bool first = truth(bound[1]), blank = truth(bound[2]);
  const std::string ended = text.bytes + "\n";  // so that a line break at the end is kept
  INGOT_TRY(const auto found, text_methods::lines(runtime.budget, ended));
  std::string out = first ? blanks : "";
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0) out += "\n";
    if (i > 0 && (blank || !found[i].empty())) out += blanks;
    out += found[i];
    if (out.size() > runtime.budget.limits().output) break;
  }
  return make_text(runtime.budget, std::move(out), text.markup);
}

inline Result<Value> truncate(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("truncate", arguments, {"length", "killwords", "end", "leeway"}));
  const Value end = bound[2].missing() ? Value{"..."} : bound[2];
  INGOT_CHECK(to_str(end, "the end of truncate"));
  INGOT_TRY(const std::int64_t length, to_index(bound[0], 255));
  INGOT_TRY(const std::int64_t leeway, to_index(bound[3], 5));
  const auto tail = static_cast<std::int64_t>(end.text()->points);
  if (length < tail || leeway < 0) return failure("AssertionError: expected length >= " + std::to_string(tail) + " and leeway >= 0");
  INGOT_TRY(const std::size_t points, jinja::length(runtime.budget, input));
  if (leeway >= static_cast<std::int64_t>(points) || static_cast<std::int64_t>(points) - leeway <= length) return input;
  INGOT_CHECK(to_str(input, "the input of truncate"));
  const Text& text = *input.text();
  std::string_view kept = std::string_view{text.bytes}.substr(0, unicode::offset(text.bytes, static_cast<std::size_t>(length - tail)));
  if (!truth(bound[1])) kept = kept.substr(0, std::min(kept.rfind(' '), kept.size()));
  return arithmetic(runtime.budget, Operator::add, Value{std::string{kept}, text.markup}, end);
}

inline Result<Value> word_wrap(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("wordwrap", arguments, {"width", "break_long_words", "wrapstring", "break_on_hyphens"}));
  INGOT_TRY(const std::string_view text, to_str(input, "the input of wordwrap"));
  INGOT_TRY(const std::int64_t width, to_index(bound[0], 79));
  if (width <= 0) return failure("ValueError: invalid width " + std::to_string(width) + " (must be > 0)");
  std::string_view between = "\n";
  if (!bound[2].missing() && !bound[2].none()) {
    INGOT_TRY(between, to_str(bound[2], "wrapstring"));
  }
  INGOT_TRY(const auto paragraphs, text_methods::lines(runtime.budget, text));
  std::string out;
  for (bool first = true; const std::string_view paragraph : paragraphs) {
    INGOT_CHECK(runtime.budget.text(paragraph.size()));
    const auto wrapped =
        wrap(paragraph, static_cast<std::size_t>(width), bound[1].missing() || truth(bound[1]), bound[3].missing() || truth(bound[3]));
    if (!std::exchange(first, false)) out += between;
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
      if (i > 0) out += between;
      out += wrapped[i];
      if (out.size() > runtime.budget.limits().output) return runtime.budget.text(out.size()).error();
    }
  }
  return make_text(runtime.budget, std::move(out));
}

inline Result<Value> word_count(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("wordcount", arguments, {}));
  INGOT_TRY(const std::string text, to_text(runtime.budget, input));
  std::int64_t n = 0;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const bool word = unicode::is_word(unicode::next(text, at));
    n += word && !inside;
    inside = word;
  }
  return Value{n};
}

/// Percent encoding of UTF-8; `keep` lists further characters that stay.
[[nodiscard]] inline std::string percent_encoded(std::string_view text, std::string_view keep) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || std::string_view{"_.-~"}.find(c) != std::string_view::npos;
    if (plain || keep.find(c) != keep.npos) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(hex[byte >> 4]);
      out.push_back(hex[byte & 15]);
    }
  }
  return out;
}
inline Result<Value> url_encode(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("urlencode", arguments, {}));
  if (input.text() || !iterable(input)) {
    INGOT_TRY(const std::string text, to_text(runtime.budget, input));
    return make_text(runtime.budget, percent_encoded(text, "/"));
  }
  const auto query = [](std::string_view text) {
    std::string out = percent_encoded(text, " ");
    std::replace(out.begin(), out.end(), ' ', '+');
    return out;
  };
  Value pairs = input;
  if (input.dictionary()) {
    INGOT_TRY(pairs, call_method(runtime, input, "items", {}));
  }
  INGOT_TRY(const auto items, to_items(runtime.budget, pairs));
  std::string out;
  for (const Value& pair : items) {
    INGOT_TRY(const auto parts, to_items(runtime.budget, pair));
    if (parts.size() != 2) return failure("ValueError: urlencode wants pairs of key and value");
    INGOT_TRY(const std::string key, to_text(runtime.budget, parts[0]));
    INGOT_TRY(const std::string value, to_text(runtime.budget, parts[1]));
    INGOT_CHECK(runtime.budget.text(out.size() > runtime.budget.limits().output ? out.size() : key.size() + value.size()));
    out += (out.empty() ? "" : "&") + query(key) + "=" + query(value);
  }
  return make_text(runtime.budget, std::move(out));
}

inline Result<Value> xml_attributes(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("xmlattr", arguments, {"autospace"}));
  const auto* dictionary = input.dictionary();
  if (dictionary == nullptr) return failure("TypeError: xmlattr wants a mapping, not " + type_name(input));
  std::string out;
  for (const auto& [key, value] : dictionary->entries) {
    if (value.none() || value.undefined()) continue;
    INGOT_TRY(const std::string_view name, to_str(key, "attribute name"));
    if (name.find_first_of(" \t\n\r\f\v/>=") != name.npos)
      return failure("ValueError: Invalid character in attribute name: " + in_quotes(name));
    INGOT_TRY(const std::string text, to_text(runtime.budget, value));
    const auto safely = [](const Value& from, std::string_view bytes) {
      return from.text() && from.text()->markup ? std::string{bytes} : escaped(bytes);
    };
    INGOT_CHECK(runtime.budget.text(out.size() > runtime.budget.limits().output ? out.size() : name.size() + text.size()));
    out += (out.empty() ? "" : " ") + safely(key, name) + "=\"" + safely(value, text) + "\"";
  }
  if (!out.empty() && (bound[0].missing() || truth(bound[0]))) out.insert(0, 1, ' ');
  return make_text(runtime.budget, std::move(out));
}

/// printf-style formatting: value | format(a, b) or format(name=a).
inline Result<Value> format(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const Value text, soft_text(runtime, input));
  if (!arguments.positional.empty() && !arguments.keywords.empty())
    return failure("can't handle positional and keyword arguments at the same time");
  if (arguments.keywords.empty()) {
    INGOT_TRY(const Value values, make_tuple(runtime.budget, arguments.positional));
    return percent_format(runtime.budget, *text.text(), values);
  }
  std::vector<std::pair<Value, Value>> entries;
  for (const auto& [key, value] : arguments.keywords) entries.emplace_back(Value{key}, value);
  INGOT_TRY(const Value values, make_dictionary(runtime.budget, std::move(entries)));
  return percent_format(runtime.budget, *text.text(), values);
}

}  // namespace ingot::text::jinja::filters
