// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/verified_index_definitions.hpp: the index of hashed files.

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ingot/acquire/verified_index.hpp>
#include <ingot/core/atomic_file.hpp>

namespace ingot::acquire {
namespace detail {

constexpr std::size_t most_index_bytes = std::size_t{16} << 20;

/// "device inode size mtime ctime sha256:hex"
[[nodiscard]] inline std::string index_line(const FileIdentity& f, const Digest& digest) {
  return std::to_string(f.device) + ' ' + std::to_string(f.inode) + ' ' + std::to_string(f.size) + ' ' + std::to_string(f.mtime_ns) + ' ' +
         std::to_string(f.ctime_ns) + ' ' + digest.text() + '\n';
}

[[nodiscard]] inline std::optional<std::pair<FileIdentity, Digest>> parse_index_line(std::string_view line) {
  FileIdentity file;
  const char* at = line.data();
  const char* const end = at + line.size();
  const auto number = [&](auto& value) {
    const auto [rest, error] = std::from_chars(at, end, value);
    if (error != std::errc{} || rest == end || *rest != ' ') return false;
    at = rest + 1;
    return true;
  };
  if (!number(file.device) || !number(file.inode) || !number(file.size) || !number(file.mtime_ns) || !number(file.ctime_ns)) return {};
  const std::string_view text{at, static_cast<std::size_t>(end - at)};
  for (const Hash hash : {Hash::sha256, Hash::git_blob, Hash::sha1, Hash::md5}) {
    const std::string prefix = std::string{name(hash)} + ":";
    if (!text.starts_with(prefix)) continue;
    if (const auto digest = Digest::parse(hash, text.substr(prefix.size()))) return std::pair{file, *digest};
  }
  return {};
}

}  // namespace detail

std::optional<FileIdentity> identity_of(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  constexpr std::int64_t second = 1'000'000'000;
  return FileIdentity{static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
                      static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec * second + info.st_mtim.tv_nsec,
                      info.st_ctim.tv_sec * second + info.st_ctim.tv_nsec};
}

VerifiedIndex VerifiedIndex::open(std::filesystem::path path) {
  VerifiedIndex index;
  index.path_ = std::move(path);
  if (index.path_.empty()) return index;
  const auto file = MappedFile::open(index.path_);
  if (!file) return index;
  index.rewrite_ = file->text().size() > detail::most_index_bytes;
  std::string_view text = file->text().substr(0, 2 * detail::most_index_bytes);
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == text.npos) break;  // a line that is being written
    if (auto entry = detail::parse_index_line(text.substr(0, end))) index.known_[entry->first].push_back(std::move(entry->second));
    text.remove_prefix(end + 1);
  }
  return index;
}

std::optional<Digest> VerifiedIndex::find(const FileIdentity& file, Hash hash) const {
  const auto found = known_.find(file);
  if (found == known_.end()) return {};
  const auto digest = std::find_if(found->second.rbegin(), found->second.rend(), [&](const Digest& d) { return d.hash == hash; });
  return digest == found->second.rend() ? std::nullopt : std::optional{*digest};
}

void VerifiedIndex::add(const FileIdentity& file, const Digest& digest) {
  if (find(file, digest.hash) == digest) return;
  known_[file].push_back(digest);
  fresh_.emplace_back(file, digest);
}

Result<bool> VerifiedIndex::matches(const std::filesystem::path& path, const std::vector<Digest>& digests,
                                    const Cancellation* cancellation) {
  const auto before = identity_of(path);
  if (!before) return false;
  for (const Digest& wanted : digests) {
    auto known = find(*before, wanted.hash);
    if (!known) {
      INGOT_TRY(known, digest_file(path, wanted.hash, cancellation));
      if (identity_of(path) != before) return false;  // somebody writes to it
      add(*before, *known);
    }
    if (*known != wanted) return false;
  }
  return true;
}

Status VerifiedIndex::save() {
  if (path_.empty() || (fresh_.empty() && !rewrite_)) return {};
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);
  if (error) return system_error("cannot create the directory", path_.parent_path(), error.value());
  std::string text;
  for (const auto& [file, digest] : fresh_) text += detail::index_line(file, digest);
  if (rewrite_) {  // all else is forgotten: what is used again is hashed again
    INGOT_CHECK(write_file(path_, text));
  } else {
    const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return system_error("cannot open the file", path_, errno);
    const ssize_t written = ::write(file, text.data(), text.size());  // one call: lines of several processes do not mix
    const int error_number = errno;
    ::close(file);
    if (written != static_cast<ssize_t>(text.size())) return system_error("cannot write", path_, written < 0 ? error_number : ENOSPC);
  }
  rewrite_ = false;
  fresh_.clear();
  return {};
}

}  // namespace ingot::acquire
