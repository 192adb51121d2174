// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/staging_definitions.hpp: staging.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <cerrno>
#include <random>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <ingot/acquire/staging.hpp>
#include <ingot/core/atomic_file.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/sha256.hpp>

namespace ingot::acquire {

namespace detail {

[[nodiscard]] inline std::string read_small(int file, std::size_t most) {
  struct stat info {};
  if (::fstat(file, &info) != 0 || info.st_size < 0) return {};
  most = std::min(most, static_cast<std::size_t>(info.st_size));
  std::string text(most, '\0');
  std::size_t size = 0;
  while (size < most) {
    const ssize_t got = ::pread(file, text.data() + size, most - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

/// Where locks do not work: makes `directory`, ROOT/NAME.PID-RANDOM, of what an earlier run left: one that it has let go, called
/// ROOT/NAME.free-RANDOM, or one whose journal shows no life. Renaming gives it to one process only. Both times are the file system's.
inline void adopt(const std::filesystem::path& root, const std::string& name, const std::filesystem::path& directory) {
  constexpr std::int64_t lifeless = 60;  // seconds
  struct stat now {};
  if (::stat(directory.c_str(), &now) != 0) return;
  std::error_code error;
  for (std::filesystem::directory_iterator at{root, error}, end; !error && at != end; at.increment(error)) {
    const std::string found = at->path().filename().string();
    if (!found.starts_with(name + ".") || found.ends_with(".lock") || found.ends_with(".quarantined") || at->path() == directory) continue;
    struct stat map {};
    const bool alive = ::lstat((at->path() / "map").c_str(), &map) != 0 || now.st_mtim.tv_sec - map.st_mtim.tv_sec < lifeless;
    if (alive && !found.starts_with(name + ".free-")) continue;
    if (::rename(at->path().c_str(), directory.c_str()) == 0) return;  // over ours, which is empty
  }
}

/// 32 bytes a record, one for about 16 MiB or half a second: longer ones hold no download.
inline constexpr std::size_t longest_journal = std::size_t{64} << 20;

}  // namespace detail

std::string StagingId::name() const {
  Sha256 digest;
  for (const std::string* part : {&origin, &repo, &commit, &path}) digest.update(std::to_string(part->size()) + ":" + *part);
  const auto bytes = digest.finish();
  return bytes ? to_hex(*bytes) : std::to_string(fingerprint(origin + repo + commit + path));
}

StagingEntry::StagingEntry(StagingEntry&& other) noexcept { *this = std::move(other); }
StagingEntry& StagingEntry::operator=(StagingEntry&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(aside_, other.aside_);
  std::swap(free_, other.free_);
  std::swap(lock_, other.lock_);
  std::swap(identity_, other.identity_);
  std::swap(data_, other.data_);
  std::swap(map_, other.map_);
  std::swap(size_, other.size_);
  std::swap(validator_, other.validator_);
  std::swap(extents_, other.extents_);
  std::swap(unrecorded_, other.unrecorded_);
  std::swap(boot_, other.boot_);
  std::swap(own_, other.own_);
  return *this;
}
StagingEntry::~StagingEntry() {
  if (own_ && data_ >= 0) static_cast<void>(::rename(directory_.c_str(), free_.c_str()));
  for (const int file : {data_, map_})
    if (file >= 0) ::close(file);
}

Result<StagingEntry> StagingEntry::open(const std::filesystem::path& root, const StagingId& id, JournalIdentity identity, Sharing sharing) {
  StagingEntry entry;
  entry.identity_ = std::move(identity);
  entry.boot_ = boot_tag();
  entry.own_ = sharing == Sharing::own;
  std::string name = id.name();
  entry.aside_ = root / (name + ".quarantined");
  if (entry.own_) {
    const std::string number = std::to_string(std::random_device{}());
    entry.free_ = root / (name + ".free-" + number);
    name += "." + std::to_string(::getpid()) + "-" + number;
  } else {
    const auto path = root / (name + ".lock");
    auto lock = EntryLock::try_acquire(path);
    // Whoever ends with nothing left in staging removes it.
    for (int tries = 0; !lock && lock.error().code == ErrorCode::not_found && tries < 100; ++tries) {
      if (::mkdir(root.c_str(), 0700) != 0 && errno != EEXIST) return system_error("cannot create the directory", root, errno);
      lock = EntryLock::try_acquire(path);
    }
    if (!lock) return std::move(lock).error();
    entry.lock_ = *std::move(lock);
    if (!entry.lock_) return Error{ErrorCode::busy, "another process fetches this file", EntryLock::holder(path).who, {}};
  }
  entry.directory_ = root / name;
  if (::mkdir(entry.directory_.c_str(), 0700) != 0 && errno != EEXIST)
    return system_error("cannot create the directory", entry.directory_, errno);
  if (entry.own_) detail::adopt(root, id.name(), entry.directory_);
  const int directory = ::open(entry.directory_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) return system_error("cannot open the directory", entry.directory_, errno);
  const auto open_data = [&](int flags) { return ::openat(directory, "data", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0666); };
  entry.data_ = open_data(0);
  struct stat info {};
  const bool shared = entry.data_ >= 0 && ::fstat(entry.data_, &info) == 0 && info.st_nlink != 1;
  if (shared) {
    // Somebody gave our bytes a second name: what is written now must not show there.
    ::close(entry.data_);
    ::unlinkat(directory, "data", 0);
    entry.data_ = open_data(O_EXCL);
  }
  int error = errno;
  if (entry.data_ >= 0) {
    entry.map_ = ::openat(directory, "map", O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    error = errno;
  }
  ::close(directory);
  if (entry.map_ < 0) return system_error("cannot open the kept part", entry.directory_, error);

  if (::fstat(entry.data_, &info) != 0) return system_error("cannot read the kept part", entry.data_path(), errno);
  const std::string journal = shared ? std::string{} : detail::read_small(entry.map_, detail::longest_journal);
  auto contents = read_journal(journal, entry.identity_, entry.boot_, static_cast<std::uint64_t>(info.st_size));
  if (!contents) {
    INGOT_CHECK(entry.restart(false));
    return entry;
  }
  if (::ftruncate(entry.map_, static_cast<off_t>(contents->bytes)) != 0)
    return system_error("cannot write", entry.directory_ / "map", errno);
  entry.size_ = contents->size;
  entry.validator_ = contents->validator;
  entry.extents_ = std::move(contents->extents);
  return entry;
}

Status StagingEntry::append(std::string_view records) {
  while (!records.empty()) {
    const ssize_t written = ::write(map_, records.data(), records.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return system_error("cannot write", directory_ / "map", written < 0 ? errno : ENOSPC);
    records.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status StagingEntry::begin(std::uint64_t size) {
  if (size_ == size) return {};
  INGOT_CHECK(restart(false));
  if (size > 0 && ::fallocate(data_, 0, 0, static_cast<off_t>(size)) != 0) {
    const int error = errno;
    if (error == EOPNOTSUPP || error == ENOSYS) {
      if (::ftruncate(data_, static_cast<off_t>(size)) != 0) return system_error("cannot make room for the file", data_path(), errno);
    } else {
      Error failure = system_error("cannot make room for the file", data_path(), error);
      if (const auto have = free_space(directory_); have && error == ENOSPC)
        failure.hint = "need " + std::to_string(size) + " bytes, have " + std::to_string(*have);
      static_cast<void>(::ftruncate(data_, 0));
      return failure;
    }
  }
  INGOT_CHECK(append(journal_header(size, identity_)));
  size_ = size;
  return {};
}

Status StagingEntry::settle(std::uint64_t size) {
  if (::ftruncate(data_, static_cast<off_t>(size)) != 0) return system_error("cannot write", data_path(), errno);
  INGOT_CHECK(append(journal_header(size, identity_)));
  size_ = size;
  if (validator_) INGOT_CHECK(append(journal_validator(*validator_)));
  return record_written();
}

Status StagingEntry::restart(bool keep_size) {
  extents_.clear();
  unrecorded_.clear();
  validator_.reset();
  const auto size = std::exchange(size_, std::nullopt);
  if (::ftruncate(map_, 0) != 0) return system_error("cannot write", directory_ / "map", errno);
  if (!size || !keep_size) {
    if (::ftruncate(data_, 0) != 0) return system_error("cannot write", data_path(), errno);
    return {};
  }
  size_ = size;  // the room stays
  return append(journal_header(*size, identity_));
}

Status StagingEntry::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  const ByteRange range{offset, offset + bytes.size()};
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(data_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return system_error("cannot write", data_path(), written < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  extents_.add(range);
  unrecorded_.add(range);
  return {};
}

Status StagingEntry::record_written() {
  if (unrecorded_.empty() || boot_ == 0 || !size_) return {};
  std::string records;
  for (const ByteRange& range : unrecorded_.ranges()) records += journal_record(Durability::this_boot, range, boot_);
  INGOT_CHECK(append(records));
  unrecorded_.clear();
  return {};
}

Status StagingEntry::record_durable(std::span<const ByteRange> ranges) {
  std::string records;
  for (const ByteRange& range : ranges) records += journal_record(Durability::durable, range, boot_);
  return append(records);
}

Status StagingEntry::record_validator(std::uint64_t validator) {
  if (validator_ == validator) return {};
  validator_ = validator;
  return size_ ? append(journal_validator(validator)) : Status{};
}

void StagingEntry::heartbeat() noexcept {
  if (lock_) lock_->heartbeat();
  if (own_) static_cast<void>(::futimens(map_, nullptr));
}

Status StagingEntry::quarantine() {
  if (::rename(data_path().c_str(), aside_.c_str()) != 0) return system_error("cannot put the damaged file aside", data_path(), errno);
  remove();
  return {};
}

void StagingEntry::remove() noexcept {
  std::error_code ignored;
  for (const char* const name : {"map", "data"}) std::filesystem::remove(directory_ / name, ignored);
  std::filesystem::remove(directory_, ignored);
  own_ = false;
}

Status flush(int file, const std::filesystem::path& path, std::span<const ByteRange> ranges, const std::atomic<bool>& stop) {
  constexpr std::uint64_t piece = std::uint64_t{8} << 20;
#if defined(__linux__)
  // Each piece is on its way while the one before it is waited for.
  ByteRange waiting;
  const auto wait = [&] {
    return waiting.size() == 0 || ::sync_file_range(file, static_cast<off_t>(waiting.begin), static_cast<off_t>(waiting.size()),
                                                    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER) == 0;
  };
  for (const ByteRange& range : ranges)
    for (std::uint64_t at = range.begin; at < range.end; at += piece) {
      if (stop.load(std::memory_order_relaxed)) return Error{ErrorCode::cancelled, "cancelled", {}, {}};
      const ByteRange next{at, std::min(range.end, at + piece)};
      static_cast<void>(::sync_file_range(file, static_cast<off_t>(next.begin), static_cast<off_t>(next.size()), SYNC_FILE_RANGE_WRITE));
      if (!wait() && errno == EIO) return system_error("cannot flush to the disk", path, EIO);
      waiting = next;
    }
  if (!wait() && errno == EIO) return system_error("cannot flush to the disk", path, EIO);
#endif
  if (stop.load(std::memory_order_relaxed)) return Error{ErrorCode::cancelled, "cancelled", {}, {}};
  if (::fdatasync(file) != 0) return system_error("cannot flush to the disk", path, errno);
  return {};
}

Result<std::uint64_t> free_space(const std::filesystem::path& path) {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) return system_error("cannot ask for the free space", path, errno);
  return static_cast<std::uint64_t>(info.f_bavail) * static_cast<std::uint64_t>(info.f_frsize);
}

std::uint64_t kept_space(const std::filesystem::path& root, const StagingId& id) {
  struct stat info {};
  if (::lstat((root / id.name() / "data").c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return 0;
  return static_cast<std::uint64_t>(info.st_blocks) * 512;
}

}  // namespace ingot::acquire
