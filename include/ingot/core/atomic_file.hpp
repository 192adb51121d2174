// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/atomic_file.hpp: files and directories that appear under their name whole, or not at all.

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ingot/core/mapped_file.hpp>
#include <ingot/core/pages.hpp>
#include <ingot/core/result.hpp>

namespace ingot {

namespace detail {

/// A sibling of `path` that no other process or thread uses: renaming it stays within one file system.
inline std::filesystem::path temporary_sibling(const std::filesystem::path& path) {
  static std::atomic<std::uint32_t> counter = 0;
  return path.parent_path() / ("." + path.filename().string() + "." + std::to_string(::getpid()) + "-" +
                               std::to_string(counter.fetch_add(1, std::memory_order_relaxed)) + ".partial");
}

/// Flushes a file, or the names in a directory, to the disk.
inline Status sync_path(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error("cannot open for flushing", path, errno);
  const int error_number = ::fsync(file) != 0 ? errno : 0;
  ::close(file);
  if (error_number != 0) return system_error("cannot flush to the disk", path, error_number);
  return {};
}

inline Status rename_path(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) return system_error("cannot rename to the final name", to, error.value());
  return sync_path(to.has_parent_path() ? to.parent_path() : ".");
}

/// Without a trailing slash, so that parent and name are what they seem.
inline std::filesystem::path plain_path(const std::filesystem::path& path) {
  return path.has_filename() || !path.has_parent_path() ? path : path.parent_path();
}

}  // namespace detail

/// A file written under a temporary name next to `path`; commit() flushes it and renames it over `path`. Destroyed before
/// that, it leaves no trace.
class AtomicFile {
 public:
  AtomicFile() noexcept = default;
  AtomicFile(AtomicFile&& other) noexcept { swap(other); }
  AtomicFile& operator=(AtomicFile&& other) noexcept {
    AtomicFile{std::move(other)}.swap(*this);
    return *this;
  }
  ~AtomicFile() {
    if (file_ < 0) return;
    ::close(file_);
    ::unlink(temporary_.c_str());
  }

  /// Errors: not_found (the directory), disk.
  [[nodiscard]] static Result<AtomicFile> create(const std::filesystem::path& path) {
    AtomicFile file;
    file.path_ = path;
    do {
      file.temporary_ = detail::temporary_sibling(path);
      file.file_ = ::open(file.temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file.file_ < 0 && errno == EEXIST);
    if (file.file_ < 0) return system_error("cannot create the file", path, errno);
    return file;
  }

  /// Takes the disk space of `size` bytes, all of which will be written, and has the page cache hold them in huge pages, as they are best
  /// read: a model is run as soon as it is exported. Errors: disk (full, over a limit); a file system that cannot is none.
  [[nodiscard]] Status reserve(std::uint64_t size) {
#if defined(__linux__)
    int result = 0;
    do result = ::fallocate(file_, 0, 0, static_cast<off_t>(size));
    while (result != 0 && errno == EINTR);
    if (result == 0)
      cached_.assign(static_cast<std::size_t>(size / huge_page), false);
    else if (errno != EOPNOTSUPP && errno != ENOSYS)
      return system_error("cannot reserve " + std::to_string(size) + " bytes", path_, errno);
#endif
    return {};
  }
  /// Appends. Errors: disk (full, over a limit).
  [[nodiscard]] Status write(std::span<const std::byte> bytes) {
    INGOT_CHECK(write_at(end_, bytes));
    end_ += bytes.size();
    return {};
  }
  /// Writes at byte `offset`, over what is there; a gap before it reads as zeros. write() goes on where it was. Errors: as write().
  [[nodiscard]] Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
    for (std::size_t page = offset / huge_page; page < cached_.size() && page * huge_page < offset + bytes.size(); ++page)
      if (!cached_[page]) {
        cached_[page] = true;
        cache_huge_page(file_, page * huge_page);
      }
    while (!bytes.empty()) {
      const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return system_error("cannot write", path_, written < 0 ? errno : ENOSPC);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
    }
    return {};
  }
  [[nodiscard]] Status write(std::string_view text) { return write(std::as_bytes(std::span{text})); }

  /// Errors: disk; the temporary file is then removed and `path` is as it was.
  [[nodiscard]] Status commit() {
    AtomicFile file{std::move(*this)};
    if (::fsync(file.file_) != 0) return system_error("cannot flush to the disk", file.path_, errno);
    INGOT_CHECK(detail::rename_path(file.temporary_, file.path_));
    ::close(std::exchange(file.file_, -1));
    return {};
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void swap(AtomicFile& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(end_, other.end_);
    std::swap(cached_, other.cached_);
    std::swap(path_, other.path_);
    std::swap(temporary_, other.temporary_);
  }
  int file_ = -1;
  std::uint64_t end_ = 0;     // of what was appended
  std::vector<bool> cached_;  // of the whole huge pages of what was reserved, whether they were asked for
  std::filesystem::path path_, temporary_;
};

/// `bytes` as the whole contents of `path`. Errors: as AtomicFile.
[[nodiscard]] inline Status write_file(const std::filesystem::path& path, std::string_view bytes) {
  INGOT_TRY(auto file, AtomicFile::create(path));
  INGOT_CHECK(file.write(bytes));
  return file.commit();
}

/// A directory filled under a temporary name next to `path`; commit() flushes its files and renames it to `path`.
/// Destroyed before that, it is removed with all that is in it.
class AtomicDirectory {
 public:
  AtomicDirectory() noexcept = default;
  AtomicDirectory(AtomicDirectory&& other) noexcept { swap(other); }
  AtomicDirectory& operator=(AtomicDirectory&& other) noexcept {
    AtomicDirectory{std::move(other)}.swap(*this);
    return *this;
  }
  ~AtomicDirectory() {
    std::error_code ignored;
    if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
  }

  /// Creates missing parents, too. Errors: disk, not_found.
  [[nodiscard]] static Result<AtomicDirectory> create(const std::filesystem::path& path) {
    AtomicDirectory directory;
    directory.path_ = detail::plain_path(path);
    if (const auto parent = directory.path_.parent_path(); !parent.empty()) {
      std::error_code error;
      std::filesystem::create_directories(parent, error);
      if (error) return system_error("cannot create the directory", parent, error.value());
    }
    std::filesystem::path temporary;
    do {
      temporary = detail::temporary_sibling(directory.path_);
      if (::mkdir(temporary.c_str(), 0777) == 0) directory.temporary_ = temporary;
    } while (directory.temporary_.empty() && errno == EEXIST);
    if (directory.temporary_.empty()) return system_error("cannot create the directory", directory.path_, errno);
    return directory;
  }

  /// What to do with a directory that stands at the final name and is not empty.
  enum class Existing : std::uint8_t {
    keep,     ///< commit() fails
    replace,  ///< it is deleted; the caller knows that it is one of ours
  };

  /// Errors: disk; the temporary directory is then removed and `path` is as it was.
  [[nodiscard]] Status commit(Existing existing = Existing::keep) {
    AtomicDirectory directory{std::move(*this)};
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry{directory.temporary_, error}, end; !error && entry != end;
         entry.increment(error))
      INGOT_CHECK(detail::sync_path(entry->path()));
    if (error) return system_error("cannot list the directory", directory.temporary_, error.value());
    INGOT_CHECK(detail::sync_path(directory.temporary_));

    if (existing == Existing::replace && std::filesystem::is_directory(directory.path_, error) &&
        !std::filesystem::is_empty(directory.path_, error)) {
      // After the exchange the temporary name holds the old directory, which the destructor removes.
      constexpr unsigned exchange = 2;  // RENAME_EXCHANGE, which glibc declares among its printing functions
      if (::syscall(SYS_renameat2, AT_FDCWD, directory.temporary_.c_str(), AT_FDCWD, directory.path_.c_str(), exchange) != 0)
        return system_error("cannot replace the directory", directory.path_, errno);
      return detail::sync_path(directory.path_.has_parent_path() ? directory.path_.parent_path() : ".");
    }
    INGOT_CHECK(detail::rename_path(directory.temporary_, directory.path_));
    directory.temporary_.clear();
    return {};
  }

  /// Where the files are to be written until commit().
  [[nodiscard]] const std::filesystem::path& temporary_path() const noexcept { return temporary_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void swap(AtomicDirectory& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(temporary_, other.temporary_);
  }
  std::filesystem::path path_, temporary_;
};

}  // namespace ingot
