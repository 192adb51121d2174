// SPDX-License-Identifier: Apache-2.0
// Any bytes as a wheel: its directory is read, and every member to its end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include <ingot/acquire/safe_path.hpp>
#include <ingot/acquire/zip_archive.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot::acquire;
  static const int file = ::memfd_create("wheel", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  const auto archive = ZipArchive::open(path);
  if (!archive) return 0;
  for (const ZipEntry& entry : archive->entries()) {
    const std::string_view name{entry.name};
    if (!check_path(entry.is_directory() ? name.substr(0, name.size() - 1) : name)) std::abort();
    std::uint64_t read = 0;
    const auto status = archive->read(entry, [&](std::span<const std::byte> bytes) -> ingot::Status {
      read += bytes.size();
      return {};
    });
    if (read > entry.size || (status && read != entry.size)) std::abort();
  }
  return 0;
}
