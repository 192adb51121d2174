// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/journal.hpp: finished parts of long work in one file, so that the work can go on after an interruption.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ingot/core/buffer.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/core/sha256.hpp>

namespace ingot {

/// Records by name, appended to a file that belongs to one task: its identity is a digest of all that the records depend on. Each record
/// carries its own digest; what a killed process left incomplete at the end is cut off. One process at a time. Move-only.
class Journal {
 public:
  Journal() noexcept = default;
  Journal(Journal&& other) noexcept { swap(other); }
  Journal& operator=(Journal&& other) noexcept {
    Journal{std::move(other)}.swap(*this);
    return *this;
  }
  ~Journal() {
    if (file_ >= 0) ::close(file_);
  }

  /// Opens or creates the file. Errors: usage (it holds another task's work, or is no journal), busy (another process has it), disk.
  [[nodiscard]] static Result<Journal> open(const std::filesystem::path& path, const Sha256Digest& identity) {
    Journal journal;
    journal.path_ = path;
    journal.file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (journal.file_ < 0) return system_error("cannot open the work file", path, errno);
    if (::flock(journal.file_, LOCK_EX | LOCK_NB) != 0)
      return Error{ErrorCode::busy, "another process works on this", path.string(), "wait for it"};
    struct stat status {};
    if (::fstat(journal.file_, &status) != 0) return system_error("cannot look at the work file", path, errno);
    INGOT_CHECK(journal.begin(identity, S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 1));
    INGOT_CHECK(journal.scan(static_cast<std::uint64_t>(status.st_size)));
    return journal;
  }

  [[nodiscard]] bool has(std::string_view name) const noexcept { return records_.contains(name); }
  /// Records that were there when it was opened.
  [[nodiscard]] std::size_t found() const noexcept { return found_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Bytes of a record; 0 where there is none.
  [[nodiscard]] std::size_t size(std::string_view name) const noexcept {
    const auto record = records_.find(name);
    return record == records_.end() ? 0 : static_cast<std::size_t>(record->second.size);
  }

  /// Fills `parts`, which have the record's size together. Errors: damaged (no such record, or not of this size), disk.
  [[nodiscard]] Status read(std::string_view name, std::initializer_list<std::span<std::byte>> parts) const {
    const auto record = records_.find(name);
    std::uint64_t wanted = 0;
    for (const auto part : parts) wanted += part.size();
    if (record == records_.end() || record->second.size != wanted)
      return Error{ErrorCode::damaged, "the work file lacks a record", path_.string() + ": " + std::string{name}, "delete it"};
    std::uint64_t at = record->second.offset;
    for (const auto part : parts) {
      INGOT_CHECK(read_at(at, part));
      at += part.size();
    }
    return {};
  }

  /// Appends a record made of `parts`. Errors: other (a name twice), disk.
  [[nodiscard]] Status write(std::string_view name, std::initializer_list<std::span<const std::byte>> parts) {
    if (has(name) || name.size() > name_limit) return Error{ErrorCode::other, "not a name for another record", std::string{name}, {}};
    Head head{.name = name.size()};
    Sha256 digest;
    digest.update(name);
    for (const auto part : parts) {
      head.size += part.size();
      digest.update(part);
    }
    INGOT_TRY(head.digest, digest.finish());
    INGOT_CHECK(append(std::as_bytes(std::span{&head, 1})));
    INGOT_CHECK(append(std::as_bytes(std::span{name})));
    records_.emplace(name, Place{end_, head.size});
    for (const auto part : parts) INGOT_CHECK(append(part));
    return {};
  }

  /// The work is done: the file goes.
  void remove() noexcept {
    if (file_ >= 0) ::unlink(path_.c_str());
  }

 private:
  static constexpr std::size_t name_limit = 4096;
  static constexpr std::string_view magic = "ingot work 1\n";
  struct Head {
    std::uint64_t size = 0, name = 0;  // bytes of the record, of its name
    Sha256Digest digest{};             // of name and record
  };
  static_assert(sizeof(Head) == 48);
  struct Place {
    std::uint64_t offset = 0, size = 0;
  };

  Status begin(const Sha256Digest& identity, std::uint64_t size) {
    std::array<std::byte, magic.size() + sizeof(Sha256Digest)> wanted, found;
    std::memcpy(wanted.data(), magic.data(), magic.size());
    std::memcpy(wanted.data() + magic.size(), identity.data(), identity.size());
    if (size == 0) return append(wanted);
    end_ = wanted.size();
    if (size >= found.size()) INGOT_CHECK(read_at(0, found));
    if (size < found.size() || found != wanted)
      return Error{ErrorCode::usage, "the work that was interrupted was another: options, input or program differ", path_.string(),
                   "give the same command, or delete this file"};
    return {};
  }
  /// Takes the records in, and cuts off what is behind the last whole one.
  Status scan(std::uint64_t size) {
    Buffer<std::byte> piece{std::size_t{1} << 20};
    while (end_ + sizeof(Head) <= size) {
      Head head;
      INGOT_CHECK(read_at(end_, std::as_writable_bytes(std::span{&head, 1})));
      const std::uint64_t begin = end_ + sizeof head, rest = size - begin;
      if (head.name == 0 || head.name > name_limit || head.name > rest || head.size > rest - head.name) break;
      std::string name(static_cast<std::size_t>(head.name), '\0');
      INGOT_CHECK(read_at(begin, std::as_writable_bytes(std::span{name})));
      Sha256 digest;
      digest.update(name);
      const std::uint64_t offset = begin + head.name;
      for (std::uint64_t done = 0; done < head.size;) {
        const auto part = std::span{piece.data(), static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), head.size - done))};
        INGOT_CHECK(read_at(offset + done, part));
        digest.update(part);
        done += part.size();
      }
      INGOT_TRY(const auto actual, digest.finish());
      if (actual != head.digest) break;
      records_.emplace(std::move(name), Place{offset, head.size});
      end_ = offset + head.size;
    }
    found_ = records_.size();
    if (::ftruncate(file_, static_cast<off_t>(end_)) != 0) return system_error("cannot shorten the work file", path_, errno);
    return {};
  }
  Status append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(end_));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return system_error("cannot write", path_, written < 0 ? errno : ENOSPC);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      end_ += static_cast<std::uint64_t>(written);
    }
    return {};
  }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) const {
    while (!out.empty()) {
      const ssize_t size = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return system_error("cannot read the work file", path_, size < 0 ? errno : EIO);
      out = out.subspan(static_cast<std::size_t>(size));
      offset += static_cast<std::uint64_t>(size);
    }
    return {};
  }
  void swap(Journal& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(end_, other.end_);
    std::swap(found_, other.found_);
    std::swap(path_, other.path_);
    std::swap(records_, other.records_);
  }

  int file_ = -1;
  std::uint64_t end_ = 0;
  std::size_t found_ = 0;
  std::filesystem::path path_;
  std::map<std::string, Place, std::less<>> records_;
};

}  // namespace ingot
