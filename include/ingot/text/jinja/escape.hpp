// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/escape.hpp: HTML escaping, as `|escape` does it.

#include <string>
#include <string_view>

namespace ingot::text::jinja {

[[nodiscard]] inline std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

}  // namespace ingot::text::jinja
