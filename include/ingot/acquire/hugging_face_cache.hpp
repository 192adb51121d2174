// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/hugging_face_cache.hpp: the cache of huggingface_hub, read and written as it does: each content once,
              // snapshots of links.

#include <filesystem>
#include <string>
#include <string_view>

#include <ingot/acquire/environment.hpp>
#include <ingot/acquire/store.hpp>

namespace ingot::acquire {

/// HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE, else $HF_HOME/hub.
[[nodiscard]] std::filesystem::path hugging_face_cache_root(const Environment& environment);

/// "models--owner--name".
[[nodiscard]] std::string repository_folder(std::string_view repository);

/// One repository in a cache:
///   ROOT/CACHEDIR.TAG
///   ROOT/models--owner--name/blobs/HEX              content, named by its SHA-256 (LFS) or git blob SHA-1
///                           /snapshots/COMMIT/PATH  relative link to a blob; the blob itself where links are not allowed
///                           /refs/REVISION, /trees/COMMIT.json, /.no_exist/COMMIT/PATH, and our /.staging
class HuggingFaceCache final : public Store {
 public:
  HuggingFaceCache(std::filesystem::path root, std::string_view repository)
      : root_{std::move(root)}, repository_{root_ / repository_folder(repository)}, records_{repository_} {}

  [[nodiscard]] std::filesystem::path snapshot(const std::string& commit) const override { return repository_ / "snapshots" / commit; }
  [[nodiscard]] std::optional<std::filesystem::path> find(const std::string& commit, const RemoteFile& file) const override;
  [[nodiscard]] Status adopt(const std::string& commit, const RemoteFile& file) const override;
  [[nodiscard]] Status publish(const std::string& commit, const RemoteFile& file, const StagedFile& staged) const override;
  [[nodiscard]] Status note_absent(const std::string& commit, std::string_view path) const override;
  [[nodiscard]] Status prepare() const override;
  [[nodiscard]] std::filesystem::path staging() const override { return repository_ / ".staging"; }
  [[nodiscard]] const TreeRecords& records() const noexcept override { return records_; }
  [[nodiscard]] const std::filesystem::path& repository() const noexcept { return repository_; }

 private:
  std::filesystem::path root_, repository_;
  TreeRecords records_;
};

}  // namespace ingot::acquire
