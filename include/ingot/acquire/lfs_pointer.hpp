// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/lfs_pointer.hpp: the small text that stands in a Git repository for a large file (Git LFS specification).

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace ingot::acquire {

/// What a pointer stands for.
struct LfsPointer {
  std::string sha256;  ///< 64 lower-case hexadecimal digits
  std::uint64_t size = 0;
};

/// A pointer is shorter than this, in bytes.
inline constexpr std::size_t lfs_pointer_limit = 1024;

/// Reads `text` when all of it is a pointer: `version`, then `oid sha256:...` and `size`, extensions (`ext-N-name`) and nothing else, one
/// a line, sorted. Nothing when it is not, which is no error: most files are none.
[[nodiscard]] inline std::optional<LfsPointer> parse_lfs_pointer(std::string_view text) {
  if (text.size() >= lfs_pointer_limit || !text.starts_with("version ")) return {};
  constexpr std::array<std::string_view, 3> versions = {"https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1",
                                                        "http://git-media.io/v/2"};
  LfsPointer pointer;
  bool sized = false;
  std::string_view last;
  for (std::size_t line_number = 0; !text.empty(); ++line_number) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto space = line.find(' ');
    if (space == line.npos) return {};
    const std::string_view key = line.substr(0, space), value = line.substr(space + 1);
    if (line_number == 0) {
      if (std::find(versions.begin(), versions.end(), value) == versions.end()) return {};
      continue;
    }
    if (key <= last) return {};
    last = key;
    if (key == "oid") {
      constexpr std::string_view scheme = "sha256:";
      if (value.size() != scheme.size() + 64 || !value.starts_with(scheme)) return {};
      pointer.sha256 = value.substr(scheme.size());
      if (pointer.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
    } else if (key == "size") {
      const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), pointer.size);
      if (value.empty() || error != std::errc{} || rest != value.data() + value.size() || pointer.size >> 63 != 0) return {};
      sized = true;
    } else if (!key.starts_with("ext-")) {
      return {};
    }
  }
  return sized && !pointer.sha256.empty() ? std::optional{pointer} : std::nullopt;
}

}  // namespace ingot::acquire
