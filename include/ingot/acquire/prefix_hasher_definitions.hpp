// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/prefix_hasher_definitions.hpp: prefix_hasher.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <ingot/acquire/prefix_hasher.hpp>
#include <ingot/core/buffer.hpp>
#include <ingot/core/mapped_file.hpp>

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

void PrefixHasher::work() {
  constexpr std::size_t piece = std::size_t{512} << 10;
  static thread_local Buffer<std::byte> buffer{piece};
  do {
    std::uint64_t at = progress();
    for (std::uint64_t end = 0; at < (end = available_.load(std::memory_order_acquire)) && !stop_.load(std::memory_order_relaxed);) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece, end - at));
      const ssize_t got = ::pread(file_, buffer.data(), wanted, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        finish(system_error("cannot read back what was written", {}, got < 0 ? errno : EIO));
        wake_();
        return;  // stays queued: nothing is left to do
      }
      const std::span<const std::byte> bytes{buffer.data(), static_cast<std::size_t>(got)};
      for (Hasher& hasher : hashers_) hasher.update(bytes);
      hashed_.store(at += bytes.size(), std::memory_order_release);
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
