// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/local_directory.hpp: a directory of the user's that holds one snapshot, in huggingface_hub's local_dir
              // layout.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/acquire/store.hpp>

namespace ingot::acquire {

/// DIRECTORY/PATH are the files themselves; DIRECTORY/.cache/huggingface holds .gitignore, CACHEDIR.TAG, trees/, refs/ (ours) and
/// download/PATH.metadata: commit, digest and time, a line each, by which huggingface_hub knows a file.
class LocalDirectory final : public Store {
 public:
  /// Where the directory's own records are.
  static constexpr std::string_view state = ".cache/huggingface";

  explicit LocalDirectory(std::filesystem::path directory) : directory_{std::move(directory)}, records_{directory_, state} {}

  [[nodiscard]] std::filesystem::path snapshot(const std::string&) const override { return directory_; }
  [[nodiscard]] std::optional<std::filesystem::path> find(const std::string& commit, const RemoteFile& file) const override;
  [[nodiscard]] Status adopt(const std::string& commit, const RemoteFile& file) const override;
  [[nodiscard]] Status publish(const std::string& commit, const RemoteFile& file, const StagedFile& staged) const override;
  [[nodiscard]] Status prepare() const override;
  [[nodiscard]] std::filesystem::path staging() const override { return directory_ / ".staging"; }
  [[nodiscard]] const TreeRecords& records() const noexcept override { return records_; }

 private:
  /// Below directory_.
  [[nodiscard]] static std::filesystem::path metadata_path(const RemoteFile& file);
  [[nodiscard]] Status write_metadata(const std::string& commit, const RemoteFile& file) const;

  std::filesystem::path directory_;
  TreeRecords records_;
};

}  // namespace ingot::acquire
