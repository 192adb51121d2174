// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/tree_records.hpp: what a repository held at a commit, kept on the disk: it is what proves a copy complete.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/acquire/listing.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// The files refs/<revision> (a commit, no line break) and trees/<commit>.json below a root, in huggingface_hub's format:
/// {"format_version": 1, "files": {path: {"size", "blob_id", "lfs_sha256"?, "lfs_size"?}}}. What is there and cannot be read counts as
/// absent.
class TreeRecords {
 public:
  /// `below`: the directory below `base` that is meant.
  explicit TreeRecords(std::filesystem::path base, std::filesystem::path below = {})
      : base_{std::move(base)}, below_{std::move(below)}, root_{below_.empty() ? base_ : base_ / below_} {}

  /// The commit that a revision was at when it was asked for last.
  [[nodiscard]] std::optional<std::string> commit_of(std::string_view revision) const;
  /// The files at a commit, their names checked, without their addresses.
  [[nodiscard]] std::optional<Listing> tree(const std::string& repository, const std::string& revision, const std::string& commit) const;
  /// All revisions on record, with their commits.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> revisions() const;

  /// Errors: disk.
  [[nodiscard]] Status write_tree(const Listing& listing) const;
  [[nodiscard]] Status write_ref(const std::string& revision, const std::string& commit) const;

  [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }

 private:
  std::filesystem::path base_, below_, root_;
};

/// A small file root/relative whole or not at all, with the directories above it. Errors: disk, damaged (a symbolic link below `root` on
/// the way).
[[nodiscard]] Status write_below(const std::filesystem::path& root, const std::filesystem::path& relative, std::string_view bytes);

/// A listing as the JSON of trees/<commit>.json, and back. Errors: damaged.
[[nodiscard]] std::string tree_json(const Listing& listing);
[[nodiscard]] Result<Listing> parse_tree_json(std::string_view text, const std::string& where);

}  // namespace ingot::acquire
