// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/safe_path_definitions.hpp: the rules for names.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <utf8proc.h>

#include <ingot/acquire/safe_path.hpp>
#include <ingot/core/utf8.hpp>

namespace ingot::acquire {
namespace detail {

/// Why no file may be called `segment`; empty: it may. `segment` is ASCII upper case where it has letters of ASCII.
[[nodiscard]] inline std::string_view segment_fault(std::string_view segment) noexcept {
  if (segment.empty()) return "an empty segment";
  if (segment == "." || segment == "..") return "a segment that leaves its directory";
  if (segment.size() > 255) return "a segment of more than 255 bytes";
  if (segment.back() == '.' || segment.back() == ' ') return "a segment that ends with a dot or a space";
  for (const std::string_view own : {".GIT", ".STAGING", ".MSC", ".MDL", ".MV", "._____TEMP"})
    if (segment == own) return "a name under which clients keep their state";
  std::string_view stem = segment.substr(0, segment.find('.'));
  while (!stem.empty() && stem.back() == ' ') stem.remove_suffix(1);
  for (const std::string_view device : {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"})
    if (stem == device) return "a device of Windows";
  if (stem.size() >= 4 && (stem.starts_with("COM") || stem.starts_with("LPT"))) {
    const std::string_view number = stem.substr(3);
    if ((number.size() == 1 && number[0] >= '0' && number[0] <= '9') || number == "\xC2\xB9" || number == "\xC2\xB2" ||
        number == "\xC2\xB3")  // superscript 1, 2, 3 count as digits there
      return "a device of Windows";
  }
  return {};
}

[[nodiscard]] inline std::string_view path_fault(std::string_view path) {
  if (path.empty()) return "an empty name";
  if (path.size() > 4096) return "a name of more than 4096 bytes";
  if (!is_utf8(path)) return "a name that is no UTF-8";
  std::string upper{path};
  for (char& c : upper) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "a control character in a name";
    if (c == '\\' || c == ':') return "a backslash or a colon in a name";
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  for (std::size_t i = 0; i + 1 < path.size(); ++i)
    if (path[i] == '\xC2' && static_cast<unsigned char>(path[i + 1]) < 0xA0) return "a control character in a name";
  if (path.front() == '/') return "an absolute name";
  if (std::count(path.begin(), path.end(), '/') >= 64) return "a name of more than 64 segments";
  const std::string_view state = ".CACHE/HUGGINGFACE";
  if (upper == state || upper.starts_with(std::string{state} + "/")) return "a name under which clients keep their state";
  for (std::size_t begin = 0; begin <= upper.size();) {
    const std::size_t end = std::min(upper.find('/', begin), upper.size());
    if (const auto fault = segment_fault(std::string_view{upper}.substr(begin, end - begin)); !fault.empty()) return fault;
    begin = end + 1;
  }
  return {};
}

[[nodiscard]] inline Error hostile(std::string what, std::string where) {
  return {ErrorCode::damaged, std::move(what), std::move(where), "the listing is hostile or broken; nothing was fetched"};
}

}  // namespace detail

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t head = 100, tail = 50;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == head && text.size() > head + tail) {
      out += "...";
      i = text.size() - tail;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7F) {
      out.push_back(text[i]);
    } else {
      out.append("\\x").append({digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out;
}

Status check_path(std::string_view path) {
  if (const auto fault = detail::path_fault(path); !fault.empty()) return detail::hostile(std::string{fault}, escaped(path));
  return {};
}

Result<std::string> folded_path(std::string_view path) {
  std::string out{path};
  if (std::all_of(path.begin(), path.end(), [](char c) { return static_cast<signed char>(c) >= 0; })) {
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
  }
  struct Free {
    void operator()(utf8proc_uint8_t* text) const noexcept { std::free(text); }
  };
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(path.data()), static_cast<utf8proc_ssize_t>(path.size()),
                                 &mapped, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
  const std::unique_ptr<utf8proc_uint8_t, Free> owner{mapped};
  if (size < 0) return detail::hostile("a name that cannot be normalized", escaped(path));
  return std::string{reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)};
}

Status check_paths(std::span<const std::string> paths) {
  std::unordered_map<std::string, std::size_t> files;  // folded name -> which
  files.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    INGOT_CHECK(check_path(paths[i]));
    INGOT_TRY(auto folded, folded_path(paths[i]));
    const auto [at, fresh] = files.emplace(std::move(folded), i);
    if (!fresh)
      return detail::hostile("two names that are one file on some systems", escaped(paths[at->second]) + " and " + escaped(paths[i]));
  }
  std::unordered_map<std::string, std::pair<std::string_view, std::size_t>> directories;  // folded name -> spelling, which path's
  for (const auto& [folded, i] : files) {
    const std::string& path = paths[i];
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
      const std::string_view directory = std::string_view{path}.substr(0, slash);
      INGOT_TRY(auto name, folded_path(directory));
      if (const auto file = files.find(name); file != files.end())
        return detail::hostile("a name that is a file and a directory", escaped(paths[file->second]) + " and " + escaped(path));
      const auto [at, fresh] = directories.emplace(std::move(name), std::pair{directory, i});
      if (!fresh && at->second.first != directory)
        return detail::hostile("two directories that are one on some systems", escaped(paths[at->second.second]) + " and " + escaped(path));
    }
  }
  return {};
}

}  // namespace ingot::acquire
