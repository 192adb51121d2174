// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/lock_file_definitions.hpp: lock files read, written and obeyed.

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ingot/acquire/lock_file.hpp>
#include <ingot/core/atomic_file.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>

namespace ingot::acquire {

Result<std::optional<LockFile>> LockFile::read(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::optional<LockFile>{};
  INGOT_TRY(const auto file, MappedFile::open(path));
  INGOT_TRY(const auto document, json::Document::parse(file.text(), path.string(), {.bytes = most_page_bytes, .depth = 16}));
  const json::Value root = document.root();
  INGOT_TRY(const int version, root.get<int>("ingot_lock"));
  if (version != 1) return root.problem("a lock file of another version", "ingot_lock");
  LockFile lock;
  INGOT_TRY(lock.repository, root.get<std::string>("repository"));
  INGOT_TRY(lock.revision, root.get<std::string>("revision"));
  INGOT_TRY(lock.commit, root.get<std::string>("commit"));
  if (lock.commit.find('/') != std::string::npos || !check_path(lock.commit)) return root.problem("no commit", "commit");
  INGOT_TRY(const auto files, root.at("files"));
  std::vector<std::string> names;
  const Status entries = files.each_element([&](const json::Value& entry) -> Status {
    LockedFile locked;
    INGOT_TRY(locked.path, entry.get<std::string>("path"));
    INGOT_TRY(locked.size, entry.get<std::uint64_t>("size"));
    INGOT_TRY(const auto hex, entry.get<std::string>("sha256"));
    const auto digest = Digest::parse(Hash::sha256, hex);
    if (!digest) return entry.problem("no SHA-256", "sha256");
    locked.sha256 = *digest;
    names.push_back(locked.path);
    lock.files.push_back(std::move(locked));
    return {};
  });
  INGOT_CHECK(entries);
  if (auto checked = check_paths(names); !checked) return std::move(checked).error().in(path.string());
  return std::optional{std::move(lock)};
}

Status LockFile::write(const std::filesystem::path& path) const {
  std::string entries = "[";
  for (const LockedFile& file : files) {
    json::ObjectText entry;
    entry.add("path", file.path).add("size", file.size).add("sha256", file.sha256.hex);
    entries.append(entries.size() > 1 ? ",\n " : "\n ").append(std::move(entry).str());
  }
  json::ObjectText lock;
  lock.add("ingot_lock", 1).add("repository", repository).add("revision", revision).add("commit", commit).add_raw("files", entries + "]");
  return write_file(path, std::move(lock).str() + "\n");
}

Status LockFile::restrict(Listing& listing, const std::filesystem::path& path) const {
  std::unordered_map<std::string_view, RemoteFile*> there;
  for (RemoteFile& file : listing.files) there.emplace(file.path, &file);
  std::vector<RemoteFile> kept;
  for (const LockedFile& locked : files) {
    const auto found = there.find(locked.path);
    if (found == there.end() || (found->second->size && *found->second->size != locked.size))
      return Error{ErrorCode::damaged, "the hub does not have the locked file " + escaped(locked.path) + " in its locked size",
                   path.string(), "the hub has changed what the lock file pins; remove the lock file to accept that"};
    RemoteFile file = *found->second;
    for (const Digest& digest : file.digests)
      if (digest.hash == Hash::sha256 && digest != locked.sha256)
        return Error{ErrorCode::damaged, "the hub has other contents for the locked file " + escaped(locked.path), path.string(),
                     "the hub has changed what the lock file pins; remove the lock file to accept that"};
    if (std::find(file.digests.begin(), file.digests.end(), locked.sha256) == file.digests.end()) file.digests.push_back(locked.sha256);
    file.size = locked.size;
    kept.push_back(std::move(file));
  }
  listing.files = std::move(kept);
  return {};
}

}  // namespace ingot::acquire
