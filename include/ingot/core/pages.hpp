// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/pages.hpp: what the kernel is asked of pages: to be huge, to be there.

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace ingot {

/// Bytes of a huge page, on x86 and with the usual 4 KiB pages of ARM.
inline constexpr std::size_t huge_page = std::size_t{2} << 20;

enum class PageSize : std::uint8_t { small, huge };

/// A wish, for memory and for mapped files: what is read from the disk from now on comes in such pages, into the page cache, too. Weights
/// are read a sixth faster in huge pages (Emerald Rapids, int4, 1.5 B parameters); of a table that is read here and there, as an embedding
/// is, each row would bring 4 MB.
inline void prefer([[maybe_unused]] PageSize size, [[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__)
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(begin), before = address % page;
  static_cast<void>(
      ::madvise(reinterpret_cast<void*>(address - before), bytes + before, size == PageSize::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
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
  prefer(PageSize::huge, mapped, huge_page);
  static_cast<void>(populate(mapped, huge_page));
  ::munmap(mapped, huge_page);
#endif
}

}  // namespace ingot
