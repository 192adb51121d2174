// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/mapped_file.hpp: a whole file, read-only, through one mmap.

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ingot/core/pages.hpp>
#include <ingot/core/result.hpp>

namespace ingot {

/// The Error for a failed system call on `path`: missing files are not_found, the rest disk trouble.
[[nodiscard]] inline Error system_error(std::string what, const std::filesystem::path& path, int error_number) {
  const bool missing = error_number == ENOENT || error_number == ENOTDIR;
  const bool denied = error_number == EACCES || error_number == EPERM;
  std::string hint = missing ? "check the path" : denied ? "check the permissions" : error_number == ENOSPC ? "free some space" : "";
  return {missing ? ErrorCode::not_found : ErrorCode::disk, std::move(what) + " (" + std::strerror(error_number) + ")", path.string(),
          std::move(hint)};
}

/// Owns the mapping, in huge pages where they can be had; the bytes stay valid while this object (or the one it was moved to) lives.
class MappedFile {
 public:
  MappedFile() noexcept = default;
  MappedFile(MappedFile&& other) noexcept { swap(other); }
  MappedFile& operator=(MappedFile&& other) noexcept {
    MappedFile{std::move(other)}.swap(*this);
    return *this;
  }
  ~MappedFile() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }

  /// Errors: not_found, disk (unreadable, a directory). An empty file is an empty span.
  [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return system_error("cannot open the file", path, errno);
    struct stat info {};
    MappedFile mapped;
    mapped.path_ = path;
    int error_number = 0;
    if (::fstat(file, &info) != 0) {
      error_number = errno;
    } else if (!S_ISREG(info.st_mode)) {
      error_number = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
    } else if (info.st_size > 0) {
      const auto size = static_cast<std::size_t>(info.st_size);
      void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
      if (data == MAP_FAILED) {
        error_number = errno;
      } else {
        prefer(PageSize::huge, data, size);
        mapped.data_ = data;
        mapped.size_ = size;
      }
    }
    ::close(file);
    if (error_number != 0) return system_error("cannot read the file", path, error_number);
    return mapped;
  }

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {static_cast<const std::byte*>(data_), size_}; }
  [[nodiscard]] std::string_view text() const noexcept { return {static_cast<const char*>(data_), size_}; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void swap(MappedFile& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(path_, other.path_);
  }
  void* data_ = nullptr;
  std::size_t size_ = 0;
  std::filesystem::path path_;
};

/// Whether a file stands at `path`; whatever prevents to know counts as no.
[[nodiscard]] inline bool is_file(const std::filesystem::path& path) noexcept {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace ingot
