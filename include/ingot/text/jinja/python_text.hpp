// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/python_text.hpp: str() and repr() of values, as Python prints them.

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include <ingot/text/jinja/integer.hpp>
#include <ingot/text/jinja/objects.hpp>
#include <ingot/text/jinja/unicode.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

/// repr(float): the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
[[nodiscard]] inline std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  std::string_view text{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
  const std::string sign = text.front() == '-' ? "-" : "";
  text.remove_prefix(sign.size());
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  std::string digits{text.substr(0, 1)};
  if (e > 2) digits += text.substr(2, e - 2);
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    if (count > 1) digits.insert(1, 1, '.');
    const std::string power = std::to_string(std::abs(exponent));
    return sign + digits + (exponent < 0 ? "e-" : "e+") + (power.size() < 2 ? "0" : "") + power;
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  if (count <= exponent + 1) return sign + digits + std::string(static_cast<std::size_t>(exponent + 1 - count), '0') + ".0";
  return sign + digits.substr(0, static_cast<std::size_t>(exponent + 1)) + "." + digits.substr(static_cast<std::size_t>(exponent + 1));
}

/// repr(str): single quotes unless only those occur in it; what cannot be printed is escaped.
inline void append_quoted(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  out.push_back(quote);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = unicode::next(text, at);
    if (c == static_cast<unsigned char>(quote) || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (unicode::is_printable(c)) {
      out += text.substr(start, at - start);
    } else {
      const int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
      out += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
      for (int i = digits - 1; i >= 0; --i) out.push_back(hex[(c >> (4 * i)) & 15]);
    }
  }
  out.push_back(quote);
}
/// `text` with escapes in place of what is not ASCII, as ascii() writes it.
[[nodiscard]] inline std::string ascii_escaped(std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = unicode::next(text, at);
    if (c < 0x80) {
      out.push_back(static_cast<char>(c));
      continue;
    }
    const int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    out += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
    for (int i = digits - 1; i >= 0; --i) out.push_back(hex[(c >> (4 * i)) & 15]);
  }
  return out;
}
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

/// type(value).__name__.
[[nodiscard]] inline std::string type_name(const Value& value) {
  if (value.none()) return "NoneType";
  if (value.boolean()) return "bool";
  if (value.is_integer()) return "int";
  if (value.real()) return "float";
  if (const auto* text = value.text()) return text->markup ? "Markup" : "str";
  if (const auto* sequence = value.sequence()) {
    switch (sequence->flavor) {
      case Flavor::list:
        return "list";
      case Flavor::tuple:
        return "tuple";
      case Flavor::group:
        return "_GroupTuple";
      case Flavor::range:
        return "range";
      case Flavor::keys:
        return "dict_keys";
      case Flavor::values:
        return "dict_values";
      case Flavor::items:
        return "dict_items";
    }
  }
  if (value.dictionary()) return "dict";
  if (const auto* iterator = value.iterator()) return iterator->type;
  if (value.method()) return "builtin_function_or_method";
  if (const auto* object = value.object()) {
    switch (object->type) {
      case Object::Type::name_space:
        return "Namespace";
      case Object::Type::macro:
        return "Macro";
      case Object::Type::loop:
        return "LoopContext";
      case Object::Type::function:
        return "function";
      case Object::Type::cycler:
        return "Cycler";
      case Object::Type::joiner:
        return "Joiner";
    }
  }
  return "Undefined";
}

/// repr(value) into `out`; fails above the limits (shared lists can make it exponential).
inline Status append_repr(Budget& budget, std::string& out, const Value& value, std::size_t depth = 0) {
  INGOT_CHECK(budget.spend());
  const auto too_deep = [&] { return failure("values nested too deeply to print"); };
  if (depth > 2 * budget.limits().value_depth) return too_deep();
  const auto entry = [&](const Value& key, const Value& item) -> Status {
    INGOT_CHECK(append_repr(budget, out, key, depth + 1));
    out += ": ";
    return append_repr(budget, out, item, depth + 1);
  };
  if (value.missing() || value.undefined()) {
    out += "Undefined";
  } else if (value.none()) {
    out += "None";
  } else if (const auto* boolean = value.boolean()) {
    out += *boolean ? "True" : "False";
  } else if (const auto* integer = value.integer()) {
    out += std::to_string(*integer);
  } else if (const auto* big = value.big()) {
    INGOT_CHECK(budget.text(64 * big->digits()));
    out += big->text();
  } else if (const auto* real = value.real()) {
    out += real_text(*real);
  } else if (const auto* text = value.text()) {
    INGOT_CHECK(budget.text(out.size() + text->bytes.size()));
    if (text->markup) out += "Markup(";
    append_quoted(out, text->bytes);
    if (text->markup) out += ")";
  } else if (const auto* dictionary = value.dictionary()) {
    out += "{";
    for (bool first = true; const auto& [key, item] : dictionary->entries) {
      if (!std::exchange(first, false)) out += ", ";
      INGOT_CHECK(entry(key, item));
    }
    out += "}";
  } else if (const auto* sequence = value.sequence()) {
    if (sequence->flavor == Flavor::range) {
      out += "range(" + std::to_string(sequence->start) + ", " + std::to_string(sequence->stop);
      out += sequence->step == 1 ? ")" : ", " + std::to_string(sequence->step) + ")";
      return {};
    }
    const bool tuple = value.tuple(), view = !tuple && sequence->flavor != Flavor::list;
    out += tuple ? "(" : view ? type_name(value) + "([" : "[";
    for (bool first = true; const Value& item : sequence->items) {
      if (!std::exchange(first, false)) out += ", ";
      INGOT_CHECK(append_repr(budget, out, item, depth + 1));
    }
    out += tuple ? (sequence->items.size() == 1 ? ",)" : ")") : view ? "])" : "]";
  } else if (const auto* space = value.object_as<Namespace>()) {
    out += "<Namespace {";
    for (bool first = true; const auto& [key, item] : space->attributes) {
      if (!std::exchange(first, false)) out += ", ";
      INGOT_CHECK(entry(Value{key}, item));
    }
    out += "}>";
  } else if (auto* loop = value.object_as<Loop>()) {
    INGOT_TRY(const std::size_t count, loop->count(budget));
    out += "<LoopContext " + std::to_string(loop->index0 + 1) + "/" + std::to_string(count) + ">";
  } else if (const auto* macro = value.object_as<Macro>()) {
    out += "<Macro " + (macro->name.empty() ? "anonymous" : in_quotes(macro->name)) + ">";
  } else if (const auto* method = value.method()) {
    out += "<built-in method " + method->name + " of " + type_name(method->receiver) + " object>";
  } else {
    out += "<" + type_name(value) + " object>";
  }
  if (out.size() > budget.limits().output) return budget.text(out.size()).error();
  return {};
}

/// What `{{ value }}`, `~` and `|string` print, into `out`.
inline Status append_text(Budget& budget, std::string& out, const Value& value) {
  if (value.missing() || value.undefined()) return {};
  if (const auto* text = value.text()) {
    INGOT_CHECK(
        budget.text(out.size() + text->bytes.size() > budget.limits().output ? out.size() + text->bytes.size() : text->bytes.size()));
    out += text->bytes;
    return {};
  }
  return append_repr(budget, out, value);
}
[[nodiscard]] inline Result<std::string> to_text(Budget& budget, const Value& value) {
  std::string out;
  INGOT_CHECK(append_text(budget, out, value));
  return out;
}
[[nodiscard]] inline Result<std::string> to_repr(Budget& budget, const Value& value) {
  std::string out;
  INGOT_CHECK(append_repr(budget, out, value));
  return out;
}

/// How the reference names a value in messages about undefined parts of it.
[[nodiscard]] inline std::string described(const Value& value) {
  if (value.none()) return "None";
  if (value.missing() || value.undefined()) return "jinja2.runtime.Undefined object";
  if (const auto* object = value.object(); object && object->type != Object::Type::function)
    return (object->type == Object::Type::macro || object->type == Object::Type::loop ? "jinja2.runtime." : "jinja2.utils.") +
           type_name(value) + " object";
  return (value.text() && value.text()->markup ? "markupsafe." : "") + type_name(value) + " object";
}

}  // namespace ingot::text::jinja
