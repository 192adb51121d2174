// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/cache_listing_definitions.hpp: caches listed and pruned.

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <ingot/acquire/cache_listing.hpp>
#include <ingot/acquire/hugging_face_cache.hpp>
#include <ingot/acquire/repository_fetch.hpp>
#include <ingot/acquire/store.hpp>
#include <ingot/acquire/tree_records.hpp>

namespace ingot::acquire {
namespace detail {

/// Bytes of regular files by their inode, and when the last of them was read.
struct Usage {
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> files;
  std::int64_t last_used = 0;

  [[nodiscard]] std::uint64_t size() const {
    std::uint64_t sum = 0;
    for (const auto& [inode, bytes] : files) sum += bytes;
    return sum;
  }
};

/// Of all files below `directory`; the links in it are followed to files, not to directories.
[[nodiscard]] inline Usage usage_of(const std::filesystem::path& directory) {
  Usage usage;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error)) {
    struct stat info {};
    if (::stat(entry->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    usage.files[{info.st_dev, info.st_ino}] = static_cast<std::uint64_t>(info.st_size);
    usage.last_used = std::max<std::int64_t>(usage.last_used, info.st_atim.tv_sec);
  }
  return usage;
}

[[nodiscard]] inline std::vector<std::filesystem::path> directories_in(const std::filesystem::path& parent) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{parent, error}, end; !error && entry != end; entry.increment(error))
    if (std::error_code gone; entry->is_directory(gone) && !entry->is_symlink(gone)) found.push_back(entry->path());
  return found;
}

/// Copies with what they take; several may share files.
using Copies = std::vector<std::pair<CachedCopy, Usage>>;

/// A cache in the layout of HuggingFaceCache. What is in a repository and in no snapshot is a copy of its own when it has none.
inline void add_blob_cache(Copies& copies, const std::filesystem::path& root, std::string_view scheme) {
  for (const auto& repository : directories_in(root)) {
    std::string name = repository.filename().string();
    if (!name.starts_with("models--")) continue;
    name.erase(0, 8);
    if (const auto dashes = name.find("--"); dashes != std::string::npos) name.replace(dashes, 2, "/");
    const auto snapshots = directories_in(repository / "snapshots");
    for (const auto& snapshot : snapshots) {
      Usage usage = usage_of(snapshot);
      copies.emplace_back(
          CachedCopy{std::string{scheme} + name + "@" + snapshot.filename().string(), snapshot, usage.size(), usage.last_used},
          std::move(usage));
    }
    if (!snapshots.empty()) continue;
    Usage usage = usage_of(repository);
    copies.emplace_back(CachedCopy{std::string{scheme} + name, repository, usage.size(), usage.last_used}, std::move(usage));
  }
}

inline void add_distributions(Copies& copies, const std::filesystem::path& root) {
  for (const auto& distribution : directories_in(root))
    for (const auto& version : directories_in(distribution)) {
      Usage usage = usage_of(version);
      copies.emplace_back(CachedCopy{"pypi:" + distribution.filename().string() + "@" + version.filename().string(), version, usage.size(),
                                     usage.last_used},
                          std::move(usage));
    }
}

[[nodiscard]] inline Result<Copies> all_copies(const FetchOptions& options) {
  Copies copies;
  const auto root = options.cache_directory.empty() ? hugging_face_cache_root(options.environment) : options.cache_directory;
  INGOT_CHECK(check_owner(root));
  add_blob_cache(copies, root, "hf:");
  if (options.cache_directory.empty()) {
    const auto own = own_cache(options.environment);
    INGOT_CHECK(check_owner(own));
    add_blob_cache(copies, own / "modelscope", "ms:");
    add_distributions(copies, own / "pypi");
  }
  std::sort(copies.begin(), copies.end(), [](const auto& a, const auto& b) {
    return std::pair{a.first.last_used, a.first.reference} < std::pair{b.first.last_used, b.first.reference};
  });
  return copies;
}

[[nodiscard]] inline Status remove_tree(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return system_error("cannot remove", path, error.value());
  return {};
}

/// A snapshot of a blob cache with its refs, its record, and the blobs that no other snapshot names.
[[nodiscard]] inline Status remove_snapshot(const std::filesystem::path& snapshot) {
  const auto repository = snapshot.parent_path().parent_path();
  const TreeRecords records{repository};
  for (const auto& [revision, commit] : records.revisions())
    if (commit == snapshot.filename()) INGOT_CHECK(remove_tree(repository / "refs" / revision));
  INGOT_CHECK(remove_tree(snapshot));
  INGOT_CHECK(remove_tree(repository / "trees" / (snapshot.filename().string() + ".json")));
  const auto others = directories_in(repository / "snapshots");
  if (others.empty()) return remove_tree(repository);
  std::set<std::filesystem::path> named;
  std::error_code error;
  for (const auto& other : others)
    for (std::filesystem::recursive_directory_iterator entry{other, error}, end; !error && entry != end; entry.increment(error))
      if (std::error_code gone; entry->is_symlink(gone)) named.insert(std::filesystem::read_symlink(entry->path(), gone).filename());
  if (error) return system_error("cannot list the directory", repository, error.value());  // what is named is not known: nothing more goes
  std::vector<std::filesystem::path> unnamed;
  for (std::filesystem::directory_iterator entry{repository / "blobs", error}, end; !error && entry != end; entry.increment(error))
    if (!named.contains(entry->path().filename())) unnamed.push_back(entry->path());
  for (const auto& blob : unnamed) INGOT_CHECK(remove_tree(blob));
  return {};
}

}  // namespace detail

std::string CachedCopy::last_used_text() const {
  const std::time_t time = last_used;
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&time, &parts);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts)};
}

Result<std::vector<CachedCopy>> list_caches(const FetchOptions& options) {
  INGOT_TRY(const auto copies, detail::all_copies(options));
  std::vector<CachedCopy> listed;
  for (const auto& [copy, usage] : copies) listed.push_back(copy);
  return listed;
}

Result<std::vector<CachedCopy>> prune_caches(const FetchOptions& options, std::uint64_t limit) {
  INGOT_TRY(const auto copies, detail::all_copies(options));
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> users;  // of each file
  std::uint64_t total = 0;
  for (const auto& [copy, usage] : copies)
    for (const auto& [inode, bytes] : usage.files)
      if (++users[inode] == 1) total += bytes;
  std::vector<CachedCopy> removed;
  for (const auto& [copy, usage] : copies) {
    if (total <= limit && limit > 0) break;
    for (const auto& [inode, bytes] : usage.files)
      if (--users[inode] == 0) total -= bytes;
    removed.push_back(copy);
    if (options.dry_run) continue;
    const bool snapshot = copy.directory.parent_path().filename() == "snapshots";
    INGOT_CHECK(snapshot ? detail::remove_snapshot(copy.directory) : detail::remove_tree(copy.directory));
  }
  return removed;
}

}  // namespace ingot::acquire
