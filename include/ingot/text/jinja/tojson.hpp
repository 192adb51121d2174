// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/tojson.hpp: `|tojson` as transformers defines it: json.dumps, without HTML escapes.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/runtime.hpp>

namespace ingot::text::jinja {

namespace detail {

struct JsonStyle {
  bool ascii = false, sorted = false;
  std::optional<std::string> indent;
  std::string item_separator = ", ", key_separator = ": ";
};

class JsonWriter {
 public:
  JsonWriter(Budget& budget, const JsonStyle& style) noexcept : budget_{budget}, style_{style} {}
  [[nodiscard]] std::string&& take() noexcept { return std::move(out_); }

  Status write(const Value& value, std::size_t level = 0) {
    INGOT_CHECK(budget_.spend());
    if (value.text()) {
      INGOT_CHECK(budget_.text(value.text()->bytes.size()));
      text(value.text()->bytes);
    } else if (value.none() || value.boolean() || value.is_number()) {
      out_ += scalar(value);
    } else if (value.list() || value.tuple()) {
      INGOT_CHECK(list(value.sequence()->items, level));
    } else if (value.dictionary()) {
      INGOT_CHECK(dictionary(*value.dictionary(), level));
    } else {
      return failure("TypeError: Object of type " + type_name(value) + " is not JSON serializable");
    }
    return out_.size() > budget_.limits().output ? Status{budget_.text(out_.size())} : Status{};
  }

 private:
  static std::string scalar(const Value& value) {
    if (value.none()) return "null";
    if (const auto* b = value.boolean()) return *b ? "true" : "false";
    if (const auto* r = value.real()) return std::isnan(*r) ? "NaN" : std::isinf(*r) ? (*r < 0 ? "-Infinity" : "Infinity") : real_text(*r);
    return to_integer(value).text();
  }
  void escape(char32_t unit) {
    static constexpr char hex[] = "0123456789abcdef";
    out_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out_.push_back(hex[(unit >> shift) & 15]);
  }
  void text(std::string_view bytes) {
    static constexpr std::string_view special = "\"\\\n\r\t\b\f", letters = "\"\\nrtbf";
    out_.push_back('"');
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t start = at;
      const char32_t c = unicode::next(bytes, at);
      if (const std::size_t i = c < 0x80 ? special.find(static_cast<char>(c)) : special.npos; i != special.npos) {
        out_.push_back('\\');
        out_.push_back(letters[i]);
      } else if (c < 0x20 || (style_.ascii && c >= 0x7F && c < 0x10000)) {
        escape(c);
      } else if (style_.ascii && c >= 0x10000) {
        escape(0xD800 + ((c - 0x10000) >> 10));
        escape(0xDC00 + ((c - 0x10000) & 0x3FF));
      } else {
        out_ += bytes.substr(start, at - start);
      }
    }
    out_.push_back('"');
  }
  Status new_line(std::size_t level) {
    if (!style_.indent) return {};
    INGOT_CHECK(budget_.text(level * style_.indent->size()));
    out_.push_back('\n');
    for (std::size_t i = 0; i < level; ++i) out_ += *style_.indent;
    return {};
  }
  Status list(const std::vector<Value>& items, std::size_t level) {
    out_.push_back('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      INGOT_CHECK(new_line(level + 1));
      INGOT_CHECK(write(items[i], level + 1));
    }
    if (!items.empty()) INGOT_CHECK(new_line(level));
    out_.push_back(']');
    return {};
  }
  Status dictionary(const Dictionary& value, std::size_t level) {
    std::vector<const std::pair<Value, Value>*> entries;
    for (const auto& entry : value.entries) entries.push_back(&entry);
    if (style_.sorted) {
      Status problem;
      std::stable_sort(entries.begin(), entries.end(), [&](const auto* a, const auto* b) {
        const auto way = order(budget_, a->first, b->first);
        if (!way && problem) problem = way.error();
        return way && *way < 0;
      });
      INGOT_CHECK(std::move(problem));
    }
    out_.push_back('{');
    for (bool first = true; const auto* entry : entries) {
      if (!std::exchange(first, false)) out_ += style_.item_separator;
      INGOT_CHECK(new_line(level + 1));
      const Value& key = entry->first;
      if (!key.text() && !key.none() && !key.is_number())
        return failure("TypeError: keys must be str, int, float, bool or None, not " + type_name(key));
      text(key.text() ? key.text()->bytes : scalar(key));
      out_ += style_.key_separator;
      INGOT_CHECK(write(entry->second, level + 1));
    }
    if (!entries.empty()) INGOT_CHECK(new_line(level));
    out_.push_back('}');
    return {};
  }

  Budget& budget_;
  const JsonStyle& style_;
  std::string out_;
};

}  // namespace detail

/// value | tojson(ensure_ascii=false, indent=none, separators=none, sort_keys=false).
[[nodiscard]] inline Result<Value> to_json(Runtime& runtime, const Value& value, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"}));
  detail::JsonStyle style;
  style.ascii = truth(bound[0]);
  style.sorted = truth(bound[3]);
  if (!bound[1].missing() && !bound[1].none()) {
    if (bound[1].text()) {
      style.indent = bound[1].text()->bytes;
    } else {
      INGOT_TRY(const std::size_t width, to_width(bound[1], 0));
      if (width > 1000) return failure("indent wider than the limit of 1000");
      style.indent = std::string(width, ' ');
    }
    style.item_separator = ",";
  }
  if (!bound[2].missing() && !bound[2].none()) {
    INGOT_TRY(const auto parts, to_items(runtime.budget, bound[2]));
    if (parts.size() != 2 || !parts[0].text() || !parts[1].text()) return failure("ValueError: separators must be two strings");
    style.item_separator = parts[0].text()->bytes;
    style.key_separator = parts[1].text()->bytes;
  }
  detail::JsonWriter writer{runtime.budget, style};
  INGOT_CHECK(writer.write(value));
  return make_text(runtime.budget, writer.take());
}

}  // namespace ingot::text::jinja
