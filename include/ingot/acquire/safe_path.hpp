// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/safe_path.hpp: which file names from listings, manifests and archives may be written at all.

#include <span>
#include <string>
#include <string_view>

#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// `text` for an error message: no control characters, no bytes beyond ASCII (`\xNN` in their place); of a long one begin and end.
[[nodiscard]] std::string escaped(std::string_view text);

/// Whether `path` is a relative path that means the same on every system and stays below its root. Not so: empty, absolute, with an
/// empty, `.` or `..` segment, a backslash, a colon, a control character, bytes that are no UTF-8; a segment that is a device of Windows
/// (CON, NUL, COM1.txt), ends with a dot or a space, or is longer than 255 bytes; more than 4096 bytes or 64 segments; names under which
/// clients keep their state (.git, .cache/huggingface, .staging, .msc, .mdl, .mv, ._____temp). Errors: damaged, with the name escaped.
[[nodiscard]] Status check_path(std::string_view path);

/// check_path() of each, and that no two of them are one file on some system: equal after Unicode normalization and case folding, or one
/// the directory of another; nor two spellings of one directory. Errors: damaged, with both names.
[[nodiscard]] Status check_paths(std::span<const std::string> paths);

/// `path` after NFC and case folding: equal for names that a file system may take for one.
[[nodiscard]] Result<std::string> folded_path(std::string_view path);

}  // namespace ingot::acquire
