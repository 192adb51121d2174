// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/lock_file.hpp: commit, sizes and SHA-256 digests of a download, kept by the user: the next one need not trust
              // the hub.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/listing.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

struct LockedFile {
  std::string path;
  std::uint64_t size = 0;
  Digest sha256;
};

/// {"ingot_lock": 1, "repository", "revision", "commit", "files": [{"path", "size", "sha256"}]}
struct LockFile {
  std::string repository;  ///< a Reference's text without quantization and revision: hf:owner/name
  std::string revision, commit;
  std::vector<LockedFile> files;  ///< sorted by path

  /// Nothing where no file is. Errors: damaged (no lock file of ours, unsafe names), disk.
  [[nodiscard]] static Result<std::optional<LockFile>> read(const std::filesystem::path& path);
  /// Errors: disk.
  [[nodiscard]] Status write(const std::filesystem::path& path) const;

  /// Keeps of `listing` the locked files, each of which must then also have its locked digest. Errors: damaged (a file that the hub no
  /// longer has at this commit, or has in another size).
  [[nodiscard]] Status restrict(Listing& listing, const std::filesystem::path& path) const;
};

}  // namespace ingot::acquire
