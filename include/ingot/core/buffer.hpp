// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/buffer.hpp: owning, zeroed, cache-line aligned storage of a fixed number of elements.

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ingot {

/// `size()` elements of a trivial type, zeroed, aligned to 64 bytes (one cache line, one 512-bit load). Large buffers ask the kernel
/// for huge pages: what is read once a token, far apart, else waits for the page tables more than for memory.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  static constexpr std::size_t alignment = 64;
  static constexpr std::size_t huge_page = std::size_t{2} << 20;

  Buffer() noexcept = default;
  /// Terminates when memory is exhausted, as `new` does without exceptions; sizes that come from files are checked
  /// by their reader against the file's own size before they get here.
  explicit Buffer(std::size_t size) : size_{size} {
    if (size == 0) return;
    const std::size_t bytes = size * sizeof(T);
    const std::align_val_t aligned{bytes >= 2 * huge_page ? huge_page : alignment};
    data_ = {static_cast<T*>(::operator new(bytes, aligned)), Free{aligned}};
#if defined(__linux__)
    if (bytes >= 2 * huge_page) static_cast<void>(::madvise(static_cast<void*>(data_.get()), bytes, MADV_HUGEPAGE));  // a wish
#endif
    std::memset(static_cast<void*>(data_.get()), 0, bytes);
  }

  [[nodiscard]] T* data() noexcept { return data_.get(); }
  [[nodiscard]] const T* data() const noexcept { return data_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return data_.get()[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data_.get()[i]; }
  [[nodiscard]] T* begin() noexcept { return data(); }
  [[nodiscard]] T* end() noexcept { return data() + size_; }
  [[nodiscard]] const T* begin() const noexcept { return data(); }
  [[nodiscard]] const T* end() const noexcept { return data() + size_; }

  /// Grows to at least `size` elements; the contents are lost when it grows.
  void reserve_discarding(std::size_t size) {
    if (size > size_) *this = Buffer{size};
  }

 private:
  struct Free {
    std::align_val_t aligned{alignment};
    void operator()(T* p) const noexcept { ::operator delete(static_cast<void*>(p), aligned); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace ingot
