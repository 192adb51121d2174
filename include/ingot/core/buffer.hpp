// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/buffer.hpp: owning, zeroed, cache-line aligned storage of a fixed number of elements.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <ingot/core/pages.hpp>

namespace ingot {

/// `size()` elements of a trivial type, zeroed, aligned to 64 bytes (one cache line, one 512-bit load). Large buffers are mapped, in
/// huge pages where the kernel has them: what is read once a token, far apart, else waits for the page tables more than for memory.
/// They take memory as it is written: clearing 29 MB for 256 more positions of a model was a pause in the middle of its answer.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  static constexpr std::size_t alignment = 64;

  Buffer() noexcept = default;
  /// Terminates when memory is exhausted, as `new` does without exceptions; sizes that come from files are checked
  /// by their reader against the file's own size before they get here.
  explicit Buffer(std::size_t size) : size_{size} {
    if (size == 0) return;
    const std::size_t bytes = size * sizeof(T);
#if defined(__linux__)
    if (bytes >= 2 * huge_page) {
      const std::size_t mapped = bytes + huge_page;  // so that it can begin where a huge page does
      void* const memory = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (memory != MAP_FAILED) {
        prefer(PageSize::huge, memory, mapped);
        auto* const begin = static_cast<std::byte*>(memory);
        data_ = {reinterpret_cast<T*>(begin + (huge_page - reinterpret_cast<std::uintptr_t>(begin) % huge_page)), Free{memory, mapped}};
        return;
      }
    }
#endif
    data_ = {static_cast<T*>(::operator new (bytes, std::align_val_t{alignment})), Free{}};
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
    void* mapping = nullptr;  // null: from operator new
    std::size_t mapped = 0;
    void operator()(T* p) const noexcept {
#if defined(__linux__)
      if (mapping != nullptr) {
        ::munmap(mapping, mapped);
        return;
      }
#endif
      ::operator delete (static_cast<void*>(p), std::align_val_t{alignment});
    }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace ingot
