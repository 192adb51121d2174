// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/entry_lock_definitions.hpp: entry_lock.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <ingot/acquire/entry_lock.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::acquire {

EntryLock::EntryLock(int descriptor, std::filesystem::path path) noexcept : descriptor_{descriptor}, path_{std::move(path)} {}
EntryLock::EntryLock(EntryLock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)}, path_{std::move(other.path_)} {}
EntryLock& EntryLock::operator=(EntryLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}
EntryLock::~EntryLock() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());  // before it is let go: whoever waits for it sees that the name is another file's, and begins anew
  ::close(descriptor_);
}

Result<std::optional<EntryLock>> EntryLock::try_acquire(const std::filesystem::path& path) {
  for (;;) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0) return system_error("cannot open the lock", path, errno);
    EntryLock lock{descriptor, {}};  // without a name it removes no file
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return std::optional<EntryLock>{};
      return Error{ErrorCode::unsupported, "the file system has no locks", path.string(), {}};
    }
    struct stat ours {
    }, named{};
    if (::fstat(descriptor, &ours) != 0 || ::stat(path.c_str(), &named) != 0 || ours.st_ino != named.st_ino || ours.st_dev != named.st_dev)
      continue;  // removed by its last holder meanwhile
    lock.path_ = path;
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    const std::string owner = "process " + std::to_string(::getpid()) + " on " + host.data() + "\n";
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, owner.data(), owner.size(), 0) < 0)
      return system_error("cannot write the lock", path, errno);
    return std::optional<EntryLock>{std::move(lock)};
  }
}

void EntryLock::heartbeat() noexcept { static_cast<void>(::futimens(descriptor_, nullptr)); }

EntryLock::Holder EntryLock::holder(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return {};
  std::array<char, 320> text{};
  const ssize_t size = ::read(descriptor, text.data(), text.size());
  struct stat info {};
  const bool known = ::fstat(descriptor, &info) == 0;
  ::close(descriptor);
  std::string who{text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  std::erase_if(who, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return {who, known ? std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec : 0};
}

bool locks_work(const std::filesystem::path& directory) {
  struct statfs info {};
  if (::statfs(directory.c_str(), &info) != 0) return false;
  constexpr std::array<std::uint32_t, 9> shared{0x6969 /*NFS*/,      0x0bd00bd0 /*Lustre*/, 0x47504653 /*GPFS*/,
                                                0x65735546 /*FUSE*/, 0xff534d42 /*CIFS*/,   0xfe534d42 /*SMB2*/,
                                                0x01021997 /*9P*/,   0x00c36400 /*Ceph*/,   0x5346414f /*AFS*/};
  if (std::ranges::find(shared, static_cast<std::uint32_t>(info.f_type)) != shared.end()) return false;
  static std::atomic<std::uint32_t> counter = 0;
  const std::string probe = (directory / (".lock-probe-" + std::to_string(::getpid()) + "-" + std::to_string(counter++))).string();
  const int first = ::open(probe.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  const int second = ::open(probe.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  const bool work = first >= 0 && second >= 0 && ::flock(first, LOCK_EX | LOCK_NB) == 0 && ::flock(second, LOCK_EX | LOCK_NB) != 0;
  ::unlink(probe.c_str());
  for (const int descriptor : {first, second})
    if (descriptor >= 0) ::close(descriptor);
  return work;
}

}  // namespace ingot::acquire
