// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/zip_archive.hpp: reading zip archives that nobody vouches for.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// The Error for an archive that is not what it should be. Code: damaged.
[[nodiscard]] Error zip_fault(std::string what, const std::filesystem::path& path, std::string_view member = {});

/// One member of an archive, as the central directory says; names have passed check_paths().
struct ZipEntry {
  std::string name;                                    ///< ends with '/' for a directory
  std::uint64_t size = 0, compressed = 0, offset = 0;  ///< bytes; where its local header begins
  std::uint32_t crc32 = 0;
  std::uint16_t method = 0;  ///< 0: stored, 8: deflate

  [[nodiscard]] bool is_directory() const noexcept { return name.ends_with('/'); }
};

/// An open archive. Move-only.
class ZipArchive {
 public:
  ZipArchive(ZipArchive&& other) noexcept { *this = std::move(other); }
  ZipArchive& operator=(ZipArchive&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(path_, other.path_);
    std::swap(entries_, other.entries_);
    return *this;
  }
  ~ZipArchive() {
    if (file_ >= 0) ::close(file_);
  }

  /// Reads the central directory (zip64 too): at most 64 MiB and 1 000 000 members. Errors: not_found, disk; damaged (no zip archive,
  /// several disks, encrypted members, methods other than stored and deflate, links, unsafe or equal names, members that overlap or
  /// would grow more than deflate can).
  [[nodiscard]] static Result<ZipArchive> open(const std::filesystem::path& path);

  [[nodiscard]] const std::vector<ZipEntry>& entries() const noexcept { return entries_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  using Sink = std::function<Status(std::span<const std::byte>)>;
  /// Hands the contents of a member to `sink`, 256 KiB at a time: never more than its size. Errors: damaged (its local header says
  /// otherwise, a stream that ends early or late, another CRC), disk, cancelled, those of `sink`.
  [[nodiscard]] Status read(const ZipEntry& entry, const Sink& sink, const Cancellation* cancellation = nullptr) const;

 private:
  ZipArchive() = default;
  int file_ = -1;
  std::filesystem::path path_;
  std::vector<ZipEntry> entries_;
};

}  // namespace ingot::acquire
