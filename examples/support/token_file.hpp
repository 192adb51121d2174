// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/token_file.hpp: token ids, and lines, from a text file.

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>

namespace program {

using ingot::Error, ingot::ErrorCode, ingot::Result;

/// The lines of a file, without what ends them; the last one may lack its end.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const bool carriage_return = end > begin && text[end - 1] == '\r';
    lines.push_back(text.substr(begin, end - begin - (carriage_return ? 1 : 0)));
    begin = end + 1;
  }
  return lines;
}

/// Whitespace-separated token ids; `path` is what errors name.
inline Result<std::vector<std::int32_t>> parse_tokens(std::string_view text, const std::string& path) {
  std::vector<std::int32_t> tokens;
  const char *at = text.data(), *const end = at + text.size();
  while (at != end) {
    if (std::isspace(static_cast<unsigned char>(*at))) {
      ++at;
      continue;
    }
    std::int32_t id = 0;
    const auto [next, failure] = std::from_chars(at, end, id);
    if (failure != std::errc{} || id < 0 || (next != end && !std::isspace(static_cast<unsigned char>(*next))))
      return Error{ErrorCode::damaged, "not a token id at byte " + std::to_string(at - text.data()), path, "write ids separated by spaces"};
    tokens.push_back(id);
    at = next;
  }
  if (tokens.empty()) return Error{ErrorCode::damaged, "no token ids", path, {}};
  return tokens;
}

/// The token ids of a file.
inline Result<std::vector<std::int32_t>> read_tokens(const std::string& path) {
  INGOT_TRY(const auto file, ingot::MappedFile::open(path));
  return parse_tokens(file.text(), path);
}

}  // namespace program
