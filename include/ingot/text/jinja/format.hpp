// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/format.hpp: "{} {name[0]!r:>8}".format(…), str.format and format_map.

#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/jinja/format_spec.hpp>
#include <ingot/text/jinja/subscript.hpp>

namespace ingot::text::jinja {

namespace detail {

/// Fills the replacement fields of one format string; a field's specification may hold fields itself, one level deep.
class Formatter {
 public:
  Formatter(Runtime& runtime, const Arguments& arguments, bool markup) noexcept
      : runtime_{runtime}, arguments_{arguments}, markup_{markup} {}

  [[nodiscard]] Result<std::string> fill(std::string_view text, int depth = 2) {
    if (depth == 0) return failure("ValueError: Max string recursion exceeded");
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const char c = text[at++];
      if (c != '{' && c != '}') {
        out.push_back(c);
        continue;
      }
      if (at < text.size() && text[at] == c) {
        out.push_back(c);
        ++at;
        continue;
      }
      if (c == '}') return failure("ValueError: Single '}' encountered in format string");
      std::size_t end = at;
      for (int open = 1; open > 0; ++end) {
        if (end >= text.size())
          return failure(at >= text.size() ? "ValueError: Single '{' encountered in format string"
                                           : "ValueError: expected '}' before end of string");
        open += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
      }
      INGOT_TRY(const std::string piece, field(text.substr(at, end - 1 - at), depth));
      out += piece;
      at = end;
      INGOT_CHECK(runtime_.budget.text(out.size() > runtime_.budget.limits().output ? out.size() : piece.size()));
    }
    return out;
  }

 private:
  Result<std::string> field(std::string_view text, int depth) {
    std::size_t end = 0;
    for (bool bracket = false; end < text.size() && (bracket || (text[end] != '!' && text[end] != ':')); ++end)
      bracket = text[end] == '[' || (bracket && text[end] != ']');
    INGOT_TRY(Value value, lookup(text.substr(0, end)));
    if (end < text.size() && text[end] == '!') {
      const char how = end + 1 < text.size() ? text[end + 1] : '\0';
      end += 2;
      if (how != 's' && how != 'r' && how != 'a') return failure("ValueError: Unknown conversion specifier");
      if (end < text.size() && text[end] != ':') return failure("ValueError: expected ':' after conversion specifier");
      INGOT_TRY(std::string converted, how == 's' ? to_text(runtime_.budget, value) : to_repr(runtime_.budget, value));
      if (how == 'a') converted = ascii_escaped(converted);
      value = Value{std::move(converted)};
    }
    std::string spec;
    if (end < text.size()) {
      INGOT_TRY(spec, fill(text.substr(end + 1), depth - 1));
    }
    const bool safe = value.text() && value.text()->markup;
    if (markup_ && safe && !spec.empty()) return failure("ValueError: Unsupported format specification for Markup.");
    INGOT_TRY(std::string out, format_value(runtime_.budget, value, spec));
    return markup_ && !safe ? escaped(out) : out;
  }

  [[nodiscard]] static Error empty_part() { return failure("ValueError: Empty attribute in format string"); }

  Result<Value> lookup(std::string_view name) {
    const std::size_t end = std::min(name.find_first_of(".["), name.size());
    std::string first{name.substr(0, end)};
    Value value;
    if (first.empty()) {
      if (manual_) return failure("ValueError: cannot switch from manual field specification to automatic field numbering");
      first = std::to_string(automatic_++);
    } else if (first.find_first_not_of("0123456789") == first.npos) {
      if (automatic_ > 0) return failure("ValueError: cannot switch from manual field specification to automatic field numbering");
      manual_ = true;
    }
    if (first.find_first_not_of("0123456789") == first.npos) {
      const std::size_t index = first.size() > 6 ? arguments_.positional.size() : static_cast<std::size_t>(std::stoul(first));
      if (index >= arguments_.positional.size())
        return failure("IndexError: Replacement index " + first + " out of range for positional args tuple");
      value = arguments_.positional[index];
    } else {
      const Value* found = arguments_.keyword(first);
      if (found == nullptr) return failure("KeyError: " + in_quotes(first));
      value = *found;
    }
    for (std::size_t at = end; at < name.size();) {
      if (name[at] == '.') {
        const std::size_t stop = std::min(name.find_first_of(".[", at + 1), name.size());
        if (stop == at + 1) return empty_part();
        INGOT_TRY(value, attribute(runtime_, value, Value{name.substr(at + 1, stop - at - 1)}));
        at = stop;
      } else {
        const std::size_t stop = name.find(']', at);
        if (name[at] != '[' || stop == name.npos) return failure("ValueError: Missing ']' in format string");
        const std::string_view key = name.substr(at + 1, stop - at - 1);
        if (key.empty()) return empty_part();
        const bool number = !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == key.npos;
        INGOT_TRY(value, item(runtime_, value, number ? Value{Integer{key}} : Value{key}));
        at = stop + 1;
      }
    }
    return value;
  }

  Runtime& runtime_;
  const Arguments& arguments_;
  bool markup_, manual_ = false;
  std::size_t automatic_ = 0;
};

}  // namespace detail

/// self.format(arguments).
[[nodiscard]] inline Result<Value> format_method(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(std::string out, (detail::Formatter{runtime, arguments, self.markup}.fill(self.bytes)));
  return make_text(runtime.budget, std::move(out), self.markup);
}

/// self.format_map(mapping).
[[nodiscard]] inline Result<Value> format_map_method(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("format_map", arguments, {"mapping"}, 1));
  const auto* mapping = bound[0].dictionary();
  if (mapping == nullptr) return failure("TypeError: format_map() wants a mapping, not " + type_name(bound[0]));
  Arguments named;
  for (const auto& [key, value] : mapping->entries)
    if (key.text()) named.keywords.emplace_back(key.text()->bytes, value);
  return format_method(runtime, self, named);
}

}  // namespace ingot::text::jinja
