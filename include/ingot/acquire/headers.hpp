// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/headers.hpp: the header fields of a request or response.

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingot::acquire {

/// ASCII only, as HTTP compares field names.
[[nodiscard]] constexpr char ascii_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blank = " \t\r\n";
  const auto begin = text.find_first_not_of(blank);
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

struct Header {
  std::string name, value;
};

/// In the order they were sent; a name may occur several times. Names are compared without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_{fields} {}

  /// The first value of `name`; empty when there is none (an empty value means nothing to any field we read).
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(fields_, [&](const Header& field) { return equal_ignoring_case(field.name, name); });
    return found == fields_.end() ? std::string_view{} : std::string_view{found->value};
  }
  [[nodiscard]] bool has(std::string_view name) const noexcept {
    return std::ranges::any_of(fields_, [&](const Header& field) { return equal_ignoring_case(field.name, name); });
  }
  /// Calls `visit(std::string_view value)` for each field named `name`.
  template <class Visit>
  void each(std::string_view name, Visit&& visit) const {
    for (const Header& field : fields_)
      if (equal_ignoring_case(field.name, name)) visit(std::string_view{field.value});
  }
  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  void remove(std::string_view name) {
    std::erase_if(fields_, [&](const Header& field) { return equal_ignoring_case(field.name, name); });
  }
  /// In place of all fields of that name.
  void set(std::string name, std::string value) {
    remove(name);
    add(std::move(name), std::move(value));
  }
  void clear() noexcept { fields_.clear(); }

  [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
  [[nodiscard]] auto end() const noexcept { return fields_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }

 private:
  std::vector<Header> fields_;
};

}  // namespace ingot::acquire
