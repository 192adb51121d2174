// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/entry_lock.hpp: one process at a time works on a file in staging, where the file system can tell.

#include <filesystem>
#include <optional>
#include <string>

#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// An exclusive lock on a file (flock), which ends with the process that holds it; the file says who that is. Move-only. It saves
/// processes from doing the same work twice; what they write stays correct without it.
class EntryLock {
 public:
  EntryLock(EntryLock&& other) noexcept;
  EntryLock& operator=(EntryLock&& other) noexcept;
  ~EntryLock();  // removes the file, then lets go

  /// Nothing when somebody else has it. Errors: disk, unsupported (no working locks here).
  [[nodiscard]] static Result<std::optional<EntryLock>> try_acquire(const std::filesystem::path& path);

  /// Shows that the holder is alive, every few seconds: the holder of a lock whose file has not changed for long is stuck.
  void heartbeat() noexcept;
  /// Who has the lock of that file, as "process 12 on host", and the count of its heartbeats, to compare with a later one.
  struct Holder {
    std::string who;
    std::int64_t heartbeat = 0;
  };
  [[nodiscard]] static Holder holder(const std::filesystem::path& path);

 private:
  EntryLock(int descriptor, std::filesystem::path path) noexcept;
  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// Whether locks in `directory` exclude other processes on all machines that see it: no on network file systems, and where taking a
/// lock twice succeeds (some mount options and interposed libraries make flock do nothing).
[[nodiscard]] bool locks_work(const std::filesystem::path& directory);

}  // namespace ingot::acquire
