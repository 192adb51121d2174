// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/token_file.hpp: token ids from a text file.

#include <cctype>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>

namespace program {

using ingot::Error, ingot::ErrorCode, ingot::Result;

/// Whitespace-separated token ids.
inline Result<std::vector<std::int32_t>> read_tokens(const std::string& path) {
  INGOT_TRY(const auto file, ingot::MappedFile::open(path));
  std::vector<std::int32_t> tokens;
  const char *at = file.text().data(), *const end = at + file.text().size();
  while (at != end) {
    if (std::isspace(static_cast<unsigned char>(*at))) {
      ++at;
      continue;
    }
    std::int32_t id = 0;
    const auto [next, failure] = std::from_chars(at, end, id);
    if (failure != std::errc{} || id < 0 || (next != end && !std::isspace(static_cast<unsigned char>(*next))))
      return Error{ErrorCode::damaged, "not a token id at byte " + std::to_string(at - file.text().data()), path,
                   "write ids separated by spaces"};
    tokens.push_back(id);
    at = next;
  }
  if (tokens.empty()) return Error{ErrorCode::damaged, "no token ids", path, {}};
  return tokens;
}

}  // namespace program
