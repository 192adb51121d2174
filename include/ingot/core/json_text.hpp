// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/json_text.hpp: JSON written as text: quoted strings, shortest numbers, one object.

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ingot::json {

/// `text` (UTF-8) as a JSON string, quotes included.
[[nodiscard]] inline std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out.append("\\u00").append({digits[static_cast<std::size_t>(c >> 4)], digits[static_cast<std::size_t>(c & 15)]});
    } else {
      out.push_back(c);
    }
  }
  return out += '"';
}

/// The shortest text that reads back as `number`; JSON has no infinities and no NaN, they become null.
template <class T>
requires std::is_arithmetic_v<T>
[[nodiscard]] inline std::string number(T value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else {
    if constexpr (std::floating_point<T>)
      if (!(value - value == 0)) return "null";
    std::array<char, 64> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
  }
}

/// One JSON object, member by member, in the order of the calls.
class ObjectText {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> ObjectText& add(std::string_view key, T value) { return add_raw(key, number(value)); }
  ObjectText& add(std::string_view key, std::string_view value) { return add_raw(key, quoted(value)); }
  ObjectText& add(std::string_view key, const char* value) { return add(key, std::string_view{value}); }
  /// `value` is JSON already.
  ObjectText& add_raw(std::string_view key, std::string_view value) {
    text_.append(text_.size() > 1 ? "," : "").append(quoted(key)).append(":").append(value);
    return *this;
  }
  [[nodiscard]] std::string str() && { return std::move(text_ += '}'); }

 private:
  std::string text_ = "{";
};

}  // namespace ingot::json
