// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/zip_archive_definitions.hpp: zip archives (PKWARE's APPNOTE 6.3) read, zlib for deflate.

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

#include <ingot/acquire/safe_path.hpp>
#include <ingot/acquire/zip_archive.hpp>
#include <ingot/core/buffer.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::acquire {
namespace detail {

/// A little-endian integer at `at` of bytes that the caller has measured.
template <std::unsigned_integral T>
[[nodiscard]] T little_endian(std::string_view bytes, std::size_t at) noexcept {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;)
    value = static_cast<T>(value << (sizeof(T) > 1 ? 8 : 0)) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// `size` bytes of an open file at `offset`. Errors: disk; damaged when it ends before.
[[nodiscard]] inline Result<std::string> read_span(int file, std::uint64_t offset, std::size_t size, const std::filesystem::path& path) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t n = ::pread(file, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot read the file", path, errno);
    if (n == 0) return zip_fault("a zip archive that ends early", path);
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

/// Where the central directory lies.
struct ZipDirectory {
  std::uint64_t count = 0, size = 0, offset = 0;
};

[[nodiscard]] inline Result<ZipDirectory> find_zip_directory(int file, std::uint64_t length, const std::filesystem::path& path) {
  constexpr std::size_t end_size = 22, comment_limit = 65535, locator_size = 20, zip64_size = 56;
  if (length < end_size) return zip_fault("no zip archive", path);
  const auto tail_size = static_cast<std::size_t>(std::min<std::uint64_t>(length, end_size + comment_limit));
  INGOT_TRY(const std::string tail, read_span(file, length - tail_size, tail_size, path));
  std::size_t at = tail_size - end_size;
  for (;; --at) {  // the record is where its comment ends with the file
    if (little_endian<std::uint32_t>(tail, at) == 0x06054B50 && at + end_size + little_endian<std::uint16_t>(tail, at + 20) == tail_size)
      break;
    if (at == 0) return zip_fault("no zip archive", path);
  }
  const std::uint64_t end_at = length - tail_size + at;
  ZipDirectory directory{little_endian<std::uint16_t>(tail, at + 10), little_endian<std::uint32_t>(tail, at + 12),
                         little_endian<std::uint32_t>(tail, at + 16)};
  std::uint64_t directory_end = end_at;
  bool one_disk = little_endian<std::uint16_t>(tail, at + 4) == 0 && little_endian<std::uint16_t>(tail, at + 6) == 0 &&
                  little_endian<std::uint16_t>(tail, at + 8) == directory.count;
  if (directory.count == 0xFFFF || directory.size == 0xFFFFFFFF || directory.offset == 0xFFFFFFFF) {
    if (end_at < locator_size + zip64_size) return zip_fault("a zip64 archive without its record", path);
    INGOT_TRY(const std::string locator, read_span(file, end_at - locator_size, locator_size, path));
    const auto record_at = little_endian<std::uint64_t>(locator, 8);
    if (little_endian<std::uint32_t>(locator, 0) != 0x07064B50 || record_at > end_at - locator_size - zip64_size)
      return zip_fault("a zip64 archive without its record", path);
    INGOT_TRY(const std::string record, read_span(file, record_at, zip64_size, path));
    if (little_endian<std::uint32_t>(record, 0) != 0x06064B50) return zip_fault("a zip64 archive without its record", path);
    directory = {little_endian<std::uint64_t>(record, 32), little_endian<std::uint64_t>(record, 40),
                 little_endian<std::uint64_t>(record, 48)};
    one_disk = little_endian<std::uint32_t>(record, 16) == 0 && little_endian<std::uint32_t>(record, 20) == 0 &&
               little_endian<std::uint64_t>(record, 24) == directory.count;
    directory_end = record_at;
  }
  if (!one_disk) return zip_fault("a zip archive on several disks", path);
  if (directory.count > 1'000'000 || directory.size > std::uint64_t{64} << 20)
    return zip_fault("a zip archive with too many members", path);
  if (directory.size > directory_end || directory.offset != directory_end - directory.size)
    return zip_fault("a zip archive whose directory is not where it says", path);
  return directory;
}

/// Takes the 64-bit fields of an entry from its extra data where the 32-bit ones are full. False: they are not there.
[[nodiscard]] inline bool read_zip64(std::string_view extra, ZipEntry& entry) noexcept {
  const bool wanted[] = {entry.size == 0xFFFFFFFF, entry.compressed == 0xFFFFFFFF, entry.offset == 0xFFFFFFFF};
  if (!wanted[0] && !wanted[1] && !wanted[2]) return true;
  while (extra.size() >= 4) {
    const auto tag = little_endian<std::uint16_t>(extra, 0);
    const std::size_t size = little_endian<std::uint16_t>(extra, 2);
    if (size > extra.size() - 4) return false;
    if (std::string_view field = extra.substr(4, size); tag == 1) {
      std::uint64_t* const targets[] = {&entry.size, &entry.compressed, &entry.offset};
      for (std::size_t i = 0; i < 3; ++i) {
        if (!wanted[i]) continue;
        if (field.size() < 8) return false;
        *targets[i] = little_endian<std::uint64_t>(field, 0);
        field.remove_prefix(8);
      }
      return true;
    }
    extra.remove_prefix(4 + size);
  }
  return false;
}

/// What is wrong with an entry whatever its neighbours are; empty: nothing.
[[nodiscard]] inline std::string_view entry_fault(const ZipEntry& entry, std::uint16_t flags, std::uint16_t mode) noexcept {
  if ((flags & 0x2041) != 0) return "an encrypted member";
  if (entry.method != 0 && entry.method != 8) return "a member packed by an unknown method";
  if ((mode & 0170000) == 0120000) return "a member that is a link";
  if (entry.method == 0 && entry.size != entry.compressed) return "a stored member of two sizes";
  if (entry.size / 1040 > entry.compressed) return "a member that grows more than deflate can";  // its limit is 1032 times
  if (entry.is_directory() && entry.size != 0) return "a directory that holds bytes";
  return {};
}

constexpr std::size_t local_header_size = 30;

}  // namespace detail

Error zip_fault(std::string what, const std::filesystem::path& path, std::string_view member) {
  return {ErrorCode::damaged, std::move(what), path.string() + (member.empty() ? std::string{} : ": " + escaped(member)),
          "download it again, or look at what the index serves"};
}

Result<ZipArchive> ZipArchive::open(const std::filesystem::path& path) {
  ZipArchive archive;
  archive.path_ = path;
  archive.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (archive.file_ < 0 || ::fstat(archive.file_, &info) != 0) return system_error("cannot open the file", path, errno);
  if (!S_ISREG(info.st_mode)) return zip_fault("no file", path);
  INGOT_TRY(const auto directory, detail::find_zip_directory(archive.file_, static_cast<std::uint64_t>(info.st_size), path));
  INGOT_TRY(const std::string bytes, detail::read_span(archive.file_, directory.offset, static_cast<std::size_t>(directory.size), path));
  std::string_view rest = bytes;
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    constexpr std::size_t fixed = 46;
    using detail::little_endian;
    if (rest.size() < fixed || little_endian<std::uint32_t>(rest, 0) != 0x02014B50)
      return zip_fault("a zip archive with a broken directory", path);
    const std::size_t name = little_endian<std::uint16_t>(rest, 28), extra = little_endian<std::uint16_t>(rest, 30),
                      comment = little_endian<std::uint16_t>(rest, 32);
    if (rest.size() - fixed < name + extra + comment) return zip_fault("a zip archive with a broken directory", path);
    ZipEntry entry;
    entry.name = rest.substr(fixed, name);
    entry.method = little_endian<std::uint16_t>(rest, 10);
    entry.crc32 = little_endian<std::uint32_t>(rest, 16);
    entry.compressed = little_endian<std::uint32_t>(rest, 20);
    entry.size = little_endian<std::uint32_t>(rest, 24);
    entry.offset = little_endian<std::uint32_t>(rest, 42);
    const bool on_unix = (little_endian<std::uint16_t>(rest, 4) >> 8) == 3;
    const auto mode = on_unix ? static_cast<std::uint16_t>(little_endian<std::uint32_t>(rest, 38) >> 16) : std::uint16_t{0};
    if (!detail::read_zip64(rest.substr(fixed + name, extra), entry)) return zip_fault("a member without its sizes", path, entry.name);
    if (const auto fault = detail::entry_fault(entry, little_endian<std::uint16_t>(rest, 8), mode); !fault.empty())
      return zip_fault(std::string{fault}, path, entry.name);
    if (entry.is_directory()) {
      INGOT_CHECK(check_path(std::string_view{entry.name}.substr(0, entry.name.size() - 1)));
    } else {
      names.push_back(entry.name);
    }
    archive.entries_.push_back(std::move(entry));
    rest.remove_prefix(fixed + name + extra + comment);
  }
  if (!rest.empty()) return zip_fault("a zip archive with a broken directory", path);
  INGOT_CHECK(check_paths(names));

  // Members that share bytes make a small archive huge (the "zip bomb" of 2019): each must end before the next begins.
  std::vector<const ZipEntry*> order;
  for (const ZipEntry& entry : archive.entries_) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const ZipEntry* a, const ZipEntry* b) { return a->offset < b->offset; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint64_t end = i + 1 < order.size() ? order[i + 1]->offset : directory.offset;
    const std::uint64_t header = detail::local_header_size + order[i]->name.size();
    if (order[i]->offset > end || end - order[i]->offset < header || end - order[i]->offset - header < order[i]->compressed)
      return zip_fault("members that overlap", path, order[i]->name);
  }
  return archive;
}

Status ZipArchive::read(const ZipEntry& entry, const Sink& sink, const Cancellation* cancellation) const {
  INGOT_TRY(const std::string header, detail::read_span(file_, entry.offset, detail::local_header_size, path_));
  const std::size_t name_size = detail::little_endian<std::uint16_t>(header, 26),
                    extra_size = detail::little_endian<std::uint16_t>(header, 28);
  INGOT_TRY(const std::string name, detail::read_span(file_, entry.offset + detail::local_header_size, name_size, path_));
  if (detail::little_endian<std::uint32_t>(header, 0) != 0x04034B50 || name != entry.name ||
      detail::little_endian<std::uint16_t>(header, 8) != entry.method)
    return zip_fault("a member whose local header says otherwise", path_, entry.name);

  constexpr std::size_t piece = std::size_t{256} << 10;
  Buffer<std::byte> packed{piece}, plain{piece};
  std::uint64_t at = entry.offset + detail::local_header_size + name_size + extra_size, left = entry.compressed, given = 0;
  std::uint32_t crc = 0;
  const auto give = [&](std::span<const std::byte> bytes) -> Status {
    given += bytes.size();
    if (given > entry.size) return zip_fault("a member longer than it says", path_, entry.name);
    crc = static_cast<std::uint32_t>(::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    return sink(bytes);
  };

  z_stream stream{};
  struct End {
    z_stream* stream;
    ~End() {
      if (stream != nullptr) inflateEnd(stream);
    }
  } end{nullptr};
  if (entry.method == 8) {
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return Error{ErrorCode::other, "zlib lacks the memory", path_.string(), {}};
    end.stream = &stream;
  }
  bool ended = entry.method == 0;
  while (left > 0) {
    if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece));
    const ssize_t n = ::pread(file_, packed.data(), want, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot read the file", path_, errno);
    if (n == 0) return zip_fault("a zip archive that ends early", path_, entry.name);
    at += static_cast<std::uint64_t>(n);
    left -= static_cast<std::uint64_t>(n);
    if (entry.method == 0) {
      INGOT_CHECK(give({packed.data(), static_cast<std::size_t>(n)}));
      continue;
    }
    stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(n);
    do {
      if (ended) return zip_fault("bytes behind a packed member", path_, entry.name);
      stream.next_out = reinterpret_cast<Bytef*>(plain.data());
      stream.avail_out = static_cast<uInt>(piece);
      const int code = inflate(&stream, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return zip_fault("a packed member is damaged", path_, entry.name);
      ended = code == Z_STREAM_END;
      INGOT_CHECK(give({plain.data(), piece - stream.avail_out}));
    } while (stream.avail_in > 0 || (stream.avail_out == 0 && !ended));
  }
  if (!ended || given != entry.size) return zip_fault("a member shorter than it says", path_, entry.name);
  if (crc != entry.crc32) return zip_fault("a member with another CRC", path_, entry.name);
  return {};
}

}  // namespace ingot::acquire
