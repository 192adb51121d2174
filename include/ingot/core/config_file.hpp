// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/config_file.hpp: the small JSON files beside a model's weights.

#include <filesystem>
#include <string>

#include <ingot/core/json.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>

namespace ingot {

/// The text of a small file. Errors: not_found, disk, damaged (over the limit of JSON documents).
[[nodiscard]] inline Result<std::string> read_config_file(const std::filesystem::path& path) {
  INGOT_TRY(const auto file, MappedFile::open(path));
  if (file.bytes().size() > json::Limits{}.bytes) return Error{ErrorCode::damaged, "too large for a configuration", path.string(), {}};
  return std::string{file.text()};
}

/// The directory of the model at `path`, which is that directory or its config.json.
[[nodiscard]] inline std::filesystem::path config_directory(const std::filesystem::path& path) {
  if (path.filename() != "config.json") return path;
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

}  // namespace ingot
