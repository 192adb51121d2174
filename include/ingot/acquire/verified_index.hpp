// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/verified_index.hpp: which files have been hashed, so that using one again costs a stat.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ingot/acquire/digest.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// A file as the file system knows it. No write leaves all of it as it was: the kernel sets ctime, whatever becomes of mtime.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t mtime_ns = 0, ctime_ns = 0;

  [[nodiscard]] bool operator==(const FileIdentity&) const = default;
};

/// Of the regular file at `path`, links followed; nothing where there is none.
[[nodiscard]] std::optional<FileIdentity> identity_of(const std::filesystem::path& path);

/// The digests of files by their identity: a text file, a line a digest, appended to. It is a cache: whatever cannot be read is forgotten.
class VerifiedIndex {
 public:
  /// Reads the index at `path`; empty: nothing is kept.
  [[nodiscard]] static VerifiedIndex open(std::filesystem::path path);

  [[nodiscard]] std::optional<Digest> find(const FileIdentity& file, Hash hash) const;
  /// Notes what has been computed; written by save().
  void add(const FileIdentity& file, const Digest& digest);
  /// Whether the file at `path` has all of `digests`: of the size that its identity says, by the index, else by hashing it now, which is
  /// noted. False where no file is. Errors: disk, cancelled.
  [[nodiscard]] Result<bool> matches(const std::filesystem::path& path, const std::vector<Digest>& digests,
                                     const Cancellation* cancellation = nullptr);
  /// Appends what add() noted, or rewrites a file that has grown above 16 MiB. Errors: disk.
  [[nodiscard]] Status save();

 private:
  struct HashIdentity {
    [[nodiscard]] std::size_t operator()(const FileIdentity& f) const noexcept {
      return static_cast<std::size_t>((f.inode * 0x9E3779B97F4A7C15u) ^ (f.device << 1) ^ static_cast<std::uint64_t>(f.ctime_ns));
    }
  };
  std::filesystem::path path_;
  std::unordered_map<FileIdentity, std::vector<Digest>, HashIdentity> known_;
  std::vector<std::pair<FileIdentity, Digest>> fresh_;
  bool rewrite_ = false;
};

}  // namespace ingot::acquire
