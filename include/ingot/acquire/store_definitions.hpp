// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/store_definitions.hpp: what stores share.

#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include <ingot/acquire/store.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::acquire {

std::string blob_name(const RemoteFile& file) {
  if (file.digests.empty() || (file.digests[0].hash != Hash::sha256 && file.digests[0].hash != Hash::git_blob)) return {};
  return file.digests[0].hex;
}

bool is_file_of(const std::filesystem::path& path, const RemoteFile& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  const auto size = std::filesystem::file_size(path, error);
  return !error && (!file.size || size == *file.size);
}

Status mark_cache(const std::filesystem::path& root, const std::filesystem::path& below) {
  const auto tag = below / "CACHEDIR.TAG";
  if (is_file(root / tag)) return {};
  return write_below(root, tag,
                     "Signature: 8a477f597d28d172789f06886806bc55\n"
                     "# This file is a cache directory tag: its contents can be fetched again.\n"
                     "# See https://bford.info/cachedir/\n");
}

Status check_owner(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || info.st_uid == ::geteuid() || info.st_uid == 0 || (info.st_mode & S_IWOTH) == 0) return {};
  return Error{ErrorCode::disk, "a cache of another user that anyone may write to", path.string(),
               "use another with --cache-dir, or fix its mode"};
}

}  // namespace ingot::acquire
