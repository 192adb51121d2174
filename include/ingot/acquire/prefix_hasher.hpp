// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/prefix_hasher.hpp: the digests of a file that is still being written, from what of its begin is there.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <ingot/acquire/background.hpp>
#include <ingot/acquire/digest.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Follows the contiguous prefix of one file on a Background thread, one at a time: hashing is done moments after the last byte came,
/// and what a resumed transfer kept is read again, which finds bytes that went bad meanwhile. Shared, as its task may outlive the file.
class PrefixHasher : public std::enable_shared_from_this<PrefixHasher> {
 public:
  /// Computes SHA-256 and `others` of the `size` bytes of `file`, a descriptor it makes its own copy of. `wake` is called, on any thread,
  /// when progress() changed or all is done.
  PrefixHasher(int file, std::uint64_t size, const std::vector<Digest>& others, std::function<void()> wake);
  PrefixHasher(const PrefixHasher&) = delete;
  PrefixHasher& operator=(const PrefixHasher&) = delete;
  ~PrefixHasher();

  /// The first `end` bytes are there.
  void advance(std::uint64_t end, Background& background);
  /// Once it returns, the file is not looked at any more: it may be truncated.
  void stop() noexcept;

  /// Bytes hashed.
  [[nodiscard]] std::uint64_t progress() const noexcept { return hashed_.load(std::memory_order_acquire); }
  [[nodiscard]] bool done() const noexcept { return done_.load(std::memory_order_acquire); }
  /// Once done(): SHA-256 first. Errors: disk, other.
  [[nodiscard]] const Result<std::vector<Digest>>& digests() const noexcept { return *digests_; }

 private:
  void work();
  [[nodiscard]] std::size_t hash_mapped(std::uint64_t at, std::size_t size);
  [[nodiscard]] std::size_t hash_read(std::uint64_t at, std::size_t size);
  void finish(Result<std::vector<Digest>> digests);

  int file_;
  std::uint64_t size_;
  std::vector<Hasher> hashers_;
  std::function<void()> wake_;
  std::mutex looking_;  // held while the file is looked at
  std::atomic<std::uint64_t> available_ = 0, hashed_ = 0;
  std::atomic<bool> queued_ = false, stop_ = false, done_ = false;
  std::optional<Result<std::vector<Digest>>> digests_;
};

}  // namespace ingot::acquire
