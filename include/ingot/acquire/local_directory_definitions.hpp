// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/local_directory_definitions.hpp: directories of the user's.

#include <ctime>
#include <optional>
#include <string>
#include <system_error>

#include <ingot/acquire/local_directory.hpp>
#include <ingot/acquire/place.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::acquire {

std::filesystem::path LocalDirectory::metadata_path(const RemoteFile& file) {
  return std::filesystem::path{state} / "download" / (file.path + ".metadata");
}

Status LocalDirectory::write_metadata(const std::string& commit, const RemoteFile& file) const {
  const std::string head = commit + "\n" + blob_name(file) + "\n";
  const auto path = metadata_path(file);
  if (const auto there = MappedFile::open(directory_ / path); there && there->text().starts_with(head)) return {};
  return write_below(directory_, path, head + std::to_string(std::time(nullptr)) + ".0\n");
}

std::optional<std::filesystem::path> LocalDirectory::find(const std::string&, const RemoteFile& file) const {
  auto path = directory_ / file.path;
  std::error_code error;
  // A link may lead anywhere: the user's own file is one that is here.
  if (std::filesystem::is_symlink(std::filesystem::symlink_status(path, error)) || !is_file_of(path, file)) return {};
  return path;
}

Status LocalDirectory::adopt(const std::string& commit, const RemoteFile& file) const { return write_metadata(commit, file); }

Status LocalDirectory::publish(const std::string& commit, const RemoteFile& file, const StagedFile& staged) const {
  INGOT_CHECK(place(staged.path, directory_, file.path, Taken::replace));
  std::error_code ignored;
  std::filesystem::remove(directory_ / metadata_path(file), ignored);  // of what was there before: its time would not be
  return write_metadata(commit, file);
}

Status LocalDirectory::prepare() const {
  INGOT_CHECK(mark_cache(directory_, state));
  const auto ignore = std::filesystem::path{state} / ".gitignore";
  return is_file(directory_ / ignore) ? Status{} : write_below(directory_, ignore, "*");
}

}  // namespace ingot::acquire
