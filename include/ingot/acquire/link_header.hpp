// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/link_header.hpp: where the next page of a listing is (RFC 8288).

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <ingot/acquire/headers.hpp>

namespace ingot::acquire {

/// The target of the first link with `rel="next"` in a Link field's value: `<url>; rel="next", <url>; rel="last"`. Not checked.
[[nodiscard]] inline std::optional<std::string> next_link(std::string_view value) {
  while (true) {
    const auto open = value.find('<');
    const auto close = value.find('>', open == value.npos ? value.size() : open);
    if (close == value.npos) return {};
    const std::string_view target = value.substr(open + 1, close - open - 1);
    value.remove_prefix(close + 1);
    bool next = false;
    while (true) {  // its parameters
      value = trimmed(value);
      if (!value.starts_with(';')) break;
      value.remove_prefix(1);
      const auto end_of_name = std::min(value.find_first_of("=;,"), value.size());
      const std::string_view name = trimmed(value.substr(0, end_of_name));
      value.remove_prefix(end_of_name);
      std::string_view parameter;
      if (value.starts_with('=')) {
        value = trimmed(value.substr(1));
        const bool quoted = value.starts_with('"');
        if (quoted) value.remove_prefix(1);
        const auto end = std::min(value.find_first_of(quoted ? "\"" : ";,"), value.size());
        parameter = trimmed(value.substr(0, end));
        value.remove_prefix(quoted ? std::min(end + 1, value.size()) : end);
      }
      next = next || (equal_ignoring_case(name, "rel") && equal_ignoring_case(parameter, "next"));
    }
    if (next) return std::string{target};
  }
}

}  // namespace ingot::acquire
