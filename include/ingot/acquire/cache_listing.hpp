// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/cache_listing.hpp: which copies lie in the caches, and the least recently used of them removed.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <ingot/acquire/snapshot.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// One snapshot in a cache, or what an unfinished download has left.
struct CachedCopy {
  std::string reference;  ///< hf:owner/name@COMMIT, ms:..., pypi:name@VERSION
  std::filesystem::path directory;
  std::uint64_t size = 0;      ///< bytes, those shared with other snapshots included
  std::int64_t last_used = 0;  ///< seconds since 1970: when a file of it was read last, as far as the file system notes that

  [[nodiscard]] std::string last_used_text() const;  ///< 2026-01-31 12:00:00, in UTC
};

/// The copies in the caches of Hugging Face (or in `options.cache_directory` alone) and in our own, the least recently used first.
/// Errors: disk (a cache of another user's that anyone may write to).
[[nodiscard]] Result<std::vector<CachedCopy>> list_caches(const FetchOptions& options);

/// Removes the least recently used copies until the others take at most `limit` bytes on the disk, and gives what it removed. With
/// `dry_run` it only says so. Errors: as list_caches(), disk.
[[nodiscard]] Result<std::vector<CachedCopy>> prune_caches(const FetchOptions& options, std::uint64_t limit);

}  // namespace ingot::acquire
