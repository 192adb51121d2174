// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/store.hpp: where snapshots lie: what a cache and a plain directory have in common.

#include <filesystem>
#include <optional>
#include <string>

#include <ingot/acquire/listing.hpp>
#include <ingot/acquire/transfer.hpp>
#include <ingot/acquire/tree_records.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// One repository's place on the disk. `commit` names a snapshot; a plain directory holds only one.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  [[nodiscard]] virtual std::filesystem::path snapshot(const std::string& commit) const = 0;
  /// A regular file of the right size that should be `file`; nothing where there is none. Its bytes are not looked at.
  [[nodiscard]] virtual std::optional<std::filesystem::path> find(const std::string& commit, const RemoteFile& file) const = 0;
  /// Gives what find() found its name in the snapshot, where it lacks one. Errors: disk.
  [[nodiscard]] virtual Status adopt(const std::string& commit, const RemoteFile& file) const = 0;
  /// Gives a staged file its name in the snapshot, in place of what has it. Errors: disk, damaged (a symbolic link on the way).
  [[nodiscard]] virtual Status publish(const std::string& commit, const RemoteFile& file, const StagedFile& staged) const = 0;
  /// The hub says that the commit has no file of this name. Errors: disk.
  [[nodiscard]] virtual Status note_absent(const std::string&, std::string_view) const { return {}; }
  /// Marks the directories as a cache's, before anything is written. Errors: disk.
  [[nodiscard]] virtual Status prepare() const = 0;
  /// On the file system of the final names.
  [[nodiscard]] virtual std::filesystem::path staging() const = 0;
  [[nodiscard]] virtual const TreeRecords& records() const noexcept = 0;
};

/// The name of a file's content in a content-addressed cache: the hexadecimal digits of its SHA-256 or git blob digest; empty: it has none.
[[nodiscard]] std::string blob_name(const RemoteFile& file);

/// Whether a regular file of the size of `file` is at `path`, links followed.
[[nodiscard]] bool is_file_of(const std::filesystem::path& path, const RemoteFile& file);

/// What marks root/below as a cache for backup programs (CACHEDIR.TAG). Errors: as write_below().
[[nodiscard]] Status mark_cache(const std::filesystem::path& root, const std::filesystem::path& below = {});

/// That `path` is not another user's with leave for anyone to write, when what is in it may be anyone's; a missing one passes. Errors:
/// disk.
[[nodiscard]] Status check_owner(const std::filesystem::path& path);

}  // namespace ingot::acquire
