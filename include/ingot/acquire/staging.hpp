// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/staging.hpp: where an unfinished file waits: its bytes, its journal, and the lock of who works on it.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/entry_lock.hpp>
#include <ingot/acquire/extents.hpp>
#include <ingot/acquire/journal.hpp>
#include <ingot/acquire/transport.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Which file of which repository: names its place in staging.
struct StagingId {
  std::string origin;  ///< the hub's, not the storage's
  std::string repo, commit, path;

  /// 64 hexadecimal digits: SHA-256 of the four, each preceded by its length.
  [[nodiscard]] std::string name() const;
};

/// An open entry of staging: ROOT/NAME/data, allocated in full, ROOT/NAME/map, its journal, and ROOT/NAME.lock. Where locks cannot be
/// trusted the name is this process's own, and what it leaves is taken over by renaming it. Move-only; on the thread of the transfer but
/// for flush().
class StagingEntry {
 public:
  enum class Sharing : std::uint8_t {
    locked,  ///< wait for others, take over what they left
    own,     ///< a name of our own, of which nobody else knows: locks do not work here, or the holder of this one is stuck
  };
  /// Errors: busy (another process has it: `where` says which), disk.
  [[nodiscard]] static Result<StagingEntry> open(const std::filesystem::path& root, const StagingId& id, JournalIdentity identity,
                                                 Sharing sharing);
  StagingEntry(StagingEntry&&) noexcept;
  StagingEntry& operator=(StagingEntry&&) noexcept;
  ~StagingEntry();

  /// What is there, and what the kept journal says about the whole; nothing before begin() when nothing was kept.
  [[nodiscard]] const Extents& extents() const noexcept { return extents_; }
  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }
  [[nodiscard]] std::optional<std::uint64_t> validator() const noexcept { return validator_; }

  /// Makes room for `size` bytes and starts the journal; nothing to do where size() is that already, else what was kept is dropped.
  /// Errors: disk (full: with need and have).
  [[nodiscard]] Status begin(std::uint64_t size);
  /// As begin(), for a size that was not known before all bytes were written: keeps them.
  [[nodiscard]] Status settle(std::uint64_t size);
  /// Forgets all bytes; the room stays where the size does.
  [[nodiscard]] Status restart(bool keep_size);
  /// Errors: disk.
  [[nodiscard]] Status write(std::uint64_t offset, std::span<const std::byte> bytes);
  /// Journals what was written since the last call, for this boot.
  [[nodiscard]] Status record_written();
  /// Journals what flush() has flushed.
  [[nodiscard]] Status record_durable(std::span<const ByteRange> ranges);
  [[nodiscard]] Status record_validator(std::uint64_t validator);
  void heartbeat() noexcept;

  [[nodiscard]] int data() const noexcept { return data_; }
  [[nodiscard]] std::filesystem::path data_path() const { return directory_ / "data"; }
  [[nodiscard]] std::uint64_t unrecorded() const noexcept { return unrecorded_.covered(); }

  /// The bytes are wrong whatever is tried: puts them aside as ROOT/NAME.quarantined, in place of earlier ones.
  [[nodiscard]] Status quarantine();
  /// The file is published: removes what is left.
  void remove() noexcept;

 private:
  StagingEntry() noexcept = default;
  [[nodiscard]] Status append(std::string_view records);

  std::filesystem::path directory_, aside_, free_;
  std::optional<EntryLock> lock_;
  JournalIdentity identity_;
  int data_ = -1, map_ = -1;
  std::optional<std::uint64_t> size_, validator_;
  Extents extents_, unrecorded_;
  std::uint32_t boot_ = 0;
  bool own_ = false;
};

/// Flushes `ranges` of an open file to the disk, in pieces between which `stop` is looked at, so that this ends within a fraction of a
/// second where a plain fdatasync of some GB takes many. Any thread. Errors: disk, cancelled (stopped).
[[nodiscard]] Status flush(int file, const std::filesystem::path& path, std::span<const ByteRange> ranges, const std::atomic<bool>& stop);

/// Bytes that the file system of `path` can still take.
[[nodiscard]] Result<std::uint64_t> free_space(const std::filesystem::path& path);
/// Bytes on the disk that an entry's kept data already occupies.
[[nodiscard]] std::uint64_t kept_space(const std::filesystem::path& root, const StagingId& id);

}  // namespace ingot::acquire
