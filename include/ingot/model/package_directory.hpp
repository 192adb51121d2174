// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/package_directory.hpp: whether a path is a package.

#include <filesystem>
#include <optional>
#include <system_error>

namespace ingot::model {

/// The package directory that `path` names (itself, or by its config.json); nothing when it is no package.
[[nodiscard]] inline std::optional<std::filesystem::path> package_directory(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto is_package = [&](const std::filesystem::path& directory) {
    return std::filesystem::is_regular_file(directory / "llm_config.json", ignored);
  };
  if (is_package(path)) return path;
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  if (path.filename() == "config.json" && is_package(parent)) return parent;
  return std::nullopt;
}

}  // namespace ingot::model
