// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/journal_definitions.hpp: journal.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <ingot/acquire/journal.hpp>

namespace ingot::acquire {

namespace detail {

inline constexpr std::string_view journal_magic = "ingotmap";
inline constexpr std::uint32_t journal_version = 1, validator_kind = 3;
inline constexpr std::size_t record_size = 32, longest_identity = std::size_t{64} << 10;

[[nodiscard]] inline std::uint32_t checksum(std::string_view bytes) noexcept {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

template <class T>
void append_number(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}
template <class T>
[[nodiscard]] T number_at(std::string_view bytes, std::size_t at) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value |= static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

[[nodiscard]] inline std::string record(std::uint32_t kind, std::uint64_t begin, std::uint64_t end, std::uint32_t boot) {
  std::string out;
  append_number(out, kind);
  append_number(out, std::uint32_t{0});
  append_number(out, begin);
  append_number(out, end);
  append_number(out, boot);
  append_number(out, checksum(out));
  return out;
}

/// All but the size, which stands alone on the first line.
[[nodiscard]] inline std::string identity_lines(const JournalIdentity& identity) {
  std::string text;
  for (const Digest& digest : identity.digests) text += digest.text() + '\n';
  return text + identity.commit + '\n';
}

}  // namespace detail

std::string journal_header(std::uint64_t size, const JournalIdentity& identity) {
  const std::string lines = std::to_string(size) + '\n' + detail::identity_lines(identity);
  std::string out{detail::journal_magic};
  detail::append_number(out, detail::journal_version);
  detail::append_number(out, static_cast<std::uint32_t>(lines.size()));
  out += lines;
  detail::append_number(out, detail::checksum(out));
  return out;
}

std::string journal_record(Durability durability, ByteRange range, std::uint32_t boot) {
  return detail::record(static_cast<std::uint32_t>(durability), range.begin, range.end, boot);
}

std::string journal_validator(std::uint64_t validator) { return detail::record(detail::validator_kind, validator, 0, 0); }

std::optional<JournalContents> read_journal(std::string_view bytes, const JournalIdentity& identity, std::uint32_t boot,
                                            std::uint64_t data_size) {
  constexpr std::size_t fixed = detail::journal_magic.size() + 8;
  if (bytes.size() < fixed || !bytes.starts_with(detail::journal_magic) ||
      detail::number_at<std::uint32_t>(bytes, fixed - 8) != detail::journal_version)
    return {};
  const std::size_t length = detail::number_at<std::uint32_t>(bytes, fixed - 4);
  if (length > detail::longest_identity || bytes.size() - fixed < length + 4) return {};
  if (detail::number_at<std::uint32_t>(bytes, fixed + length) != detail::checksum(bytes.substr(0, fixed + length))) return {};

  JournalContents contents;
  const std::string_view lines = bytes.substr(fixed, length);
  const auto [end, error] = std::from_chars(lines.data(), lines.data() + lines.size(), contents.size);
  const auto digits = static_cast<std::size_t>(end - lines.data());
  if (error != std::errc{} || digits == lines.size() || lines[digits] != '\n' ||
      lines.substr(digits + 1) != detail::identity_lines(identity))
    return {};
  if (identity.size.value_or(contents.size) != contents.size) return {};

  contents.bytes = fixed + length + 4;
  for (; bytes.size() - contents.bytes >= detail::record_size; contents.bytes += detail::record_size) {
    const std::string_view record = bytes.substr(contents.bytes, detail::record_size);
    if (detail::number_at<std::uint32_t>(record, 28) != detail::checksum(record.substr(0, 28))) break;
    const auto kind = detail::number_at<std::uint32_t>(record, 0);
    const ByteRange range{detail::number_at<std::uint64_t>(record, 8), detail::number_at<std::uint64_t>(record, 16)};
    if (kind == detail::validator_kind) {
      contents.validator = range.begin;
      continue;
    }
    const bool of_this_boot = boot != 0 && detail::number_at<std::uint32_t>(record, 24) == boot;
    const bool trusted = kind == static_cast<std::uint32_t>(Durability::durable) ||
                         (kind == static_cast<std::uint32_t>(Durability::this_boot) && of_this_boot);
    if (trusted && range.begin < range.end && range.end <= std::min(data_size, contents.size)) contents.extents.add(range);
  }
  return contents;
}

std::uint64_t fingerprint(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: told apart by accident only, which is all an ETag promises
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::uint32_t boot_tag() {
  std::array<char, 64> text{};
  const int file = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  if (size <= 0) return 0;
  return std::max(1U, static_cast<std::uint32_t>(fingerprint({text.data(), static_cast<std::size_t>(size)})));
}

}  // namespace ingot::acquire
