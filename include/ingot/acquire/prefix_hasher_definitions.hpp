// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/prefix_hasher_definitions.hpp: prefix_hasher.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ingot/acquire/prefix_hasher.hpp>
#include <ingot/core/buffer.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/pages.hpp>

namespace ingot::acquire {

PrefixHasher::PrefixHasher(int file, std::uint64_t size, const std::vector<Digest>& others, std::function<void()> wake)
    : file_{::fcntl(file, F_DUPFD_CLOEXEC, 0)}, size_{size}, wake_{std::move(wake)} {
  hashers_.emplace_back(Hash::sha256, size);
  for (const Digest& digest : others)
    if (digest.hash != Hash::sha256) hashers_.emplace_back(digest.hash, size);
}

PrefixHasher::~PrefixHasher() {
  if (file_ >= 0) ::close(file_);
}

void PrefixHasher::advance(std::uint64_t end, Background& background) {
  available_.store(end, std::memory_order_release);
  if (done() || queued_.exchange(true)) return;
  background.run([self = shared_from_this()] { self->work(); });
}

void PrefixHasher::finish(Result<std::vector<Digest>> digests) {
  digests_ = std::move(digests);
  done_.store(true, std::memory_order_release);
}

void PrefixHasher::stop() noexcept {
  stop_.store(true, std::memory_order_relaxed);
  const std::lock_guard wait{looking_};
}

/// Hashes bytes where they lie in the page cache: reading them takes a fifth of what hashing them does. 0: not possible here.
std::size_t PrefixHasher::hash_mapped(std::uint64_t at, std::size_t size) {
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  struct stat info {};
  if (::fstat(file_, &info) != 0 || static_cast<std::uint64_t>(info.st_size) < at + size) return 0;  // past the end there are zeros
  const std::uint64_t begin = at / page * page;
  const std::size_t skipped = static_cast<std::size_t>(at - begin), length = skipped + size;
  void* const mapped = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, file_, static_cast<off_t>(begin));
  if (mapped == MAP_FAILED) return 0;
  const bool there = populate(mapped, length);
  if (there)
    for (Hasher& hasher : hashers_) hasher.update({static_cast<const std::byte*>(mapped) + skipped, size});
  ::munmap(mapped, length);
  return there ? size : 0;
}

/// Hashes the next bytes, at most `size`. 0: an error, in errno; or the file ends.
std::size_t PrefixHasher::hash_read(std::uint64_t at, std::size_t size) {
  static thread_local Buffer<std::byte> buffer{std::size_t{256} << 10};
  ssize_t got = 0;
  do {
    errno = EIO;
    got = ::pread(file_, buffer.data(), std::min(size, buffer.size()), static_cast<off_t>(at));
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return 0;
  for (Hasher& hasher : hashers_) hasher.update({buffer.data(), static_cast<std::size_t>(got)});
  return static_cast<std::size_t>(got);
}

void PrefixHasher::work() {
  constexpr std::size_t piece = std::size_t{1} << 20;
  do {
    std::uint64_t at = progress();
    for (std::uint64_t end = 0; at < (end = available_.load(std::memory_order_acquire));) {
      const std::lock_guard looking{looking_};
      if (stop_.load(std::memory_order_relaxed)) break;
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece, end - at));
      std::size_t hashed = hash_mapped(at, wanted);
      if (hashed == 0) hashed = hash_read(at, wanted);
      if (hashed == 0) {
        finish(system_error("cannot read back what was written", {}, errno));
        wake_();
        return;  // stays queued: nothing is left to do
      }
      hashed_.store(at += hashed, std::memory_order_release);
    }
    if (at == size_ && !done()) {
      std::vector<Digest> digests;
      Status failed;
      for (Hasher& hasher : hashers_) {
        auto digest = hasher.finish();
        if (digest)
          digests.push_back(*std::move(digest));
        else
          failed = std::move(digest).error();
      }
      finish(failed ? Result<std::vector<Digest>>{std::move(digests)} : Result<std::vector<Digest>>{std::move(failed).error()});
    }
    wake_();
    queued_.store(false);
    // More may have come after the last look, while advance() still saw this task as queued.
  } while (!done() && !stop_.load(std::memory_order_relaxed) && progress() < available_.load(std::memory_order_acquire) &&
           !queued_.exchange(true));
}

}  // namespace ingot::acquire
