// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/listing.hpp: what a hub says that a repository holds.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/safe_path.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// One file of a repository at a commit.
struct RemoteFile {
  std::string path;
  std::optional<std::uint64_t> size;  ///< bytes; nothing where the hub does not say
  std::vector<Digest> digests;        ///< strongest first; none: what arrives is unverified
  std::string git_oid;                ///< on Hugging Face, of the Git blob: of the pointer where the content is an LFS object
  std::string url;                    ///< where its content is asked for
};

/// All files of a repository at a commit; their names have passed check_paths().
struct Listing {
  std::string repository;  ///< owner/name, or a distribution
  std::string revision;    ///< as asked for, or the hub's default
  std::string commit;      ///< 40 or 64 hexadecimal digits, or a version: what the files belong to whatever becomes of the revision
  std::vector<RemoteFile> files;

  [[nodiscard]] const RemoteFile* find(std::string_view path) const noexcept {
    const auto found = std::find_if(files.begin(), files.end(), [&](const RemoteFile& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
  }
};

/// A listing may have this many files, its pages be this many, a page hold this many bytes. More are refused.
inline constexpr std::size_t most_files = 1'000'000, most_pages = 10'000, most_page_bytes = std::size_t{64} << 20;

/// check_paths() of a listing's files. Errors: damaged.
[[nodiscard]] inline Status check_names(const Listing& listing) {
  std::vector<std::string> paths;
  paths.reserve(listing.files.size());
  for (const RemoteFile& file : listing.files) paths.push_back(file.path);
  auto status = check_paths(paths);
  if (!status) return std::move(status).error().in(listing.repository);
  return {};
}

}  // namespace ingot::acquire
