// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/place_definitions.hpp: place.hpp; ingot::acquire compiles it, once.

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ingot/acquire/place.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::acquire {

namespace detail {

/// RENAME_NOREPLACE; glibc declares it among its printing functions.
inline constexpr unsigned no_replace = 1;

[[nodiscard]] inline Status sync_directory(const SafeDirectory& directory) {
  // Some file systems know no fsync of directories (EINVAL); there is nothing better to do on them.
  if (::fsync(directory.descriptor()) != 0 && errno != EINVAL && errno != ENOTSUP)
    return system_error("cannot flush the directory", directory.path(), errno);
  return {};
}

/// "a/b/c": the directory "a/b" below `root`, and "c".
[[nodiscard]] inline Result<std::pair<SafeDirectory, std::string>> parent_of(const std::filesystem::path& root, std::string_view relative) {
  const auto slash = relative.rfind('/');
  const std::string name{slash == std::string_view::npos ? relative : relative.substr(slash + 1)};
  if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string::npos)
    return Error{ErrorCode::damaged, "not a file name", std::string{relative}, {}};
  INGOT_TRY(const auto top, SafeDirectory::open(root));
  INGOT_TRY(auto parent, top.descend(slash == std::string_view::npos ? std::string_view{} : relative.substr(0, slash)));
  return std::pair{std::move(parent), name};
}

[[nodiscard]] inline bool is_directory_at(int directory, const std::string& name) noexcept {
  struct stat info {};
  return ::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace detail

SafeDirectory::SafeDirectory(int descriptor, std::filesystem::path path) noexcept : descriptor_{descriptor}, path_{std::move(path)} {}
SafeDirectory::SafeDirectory(SafeDirectory&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, path_{std::move(other.path_)} {}
SafeDirectory& SafeDirectory::operator=(SafeDirectory&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}
SafeDirectory::~SafeDirectory() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<SafeDirectory> SafeDirectory::open(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return system_error("cannot create the directory", path, error.value());
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error("cannot open the directory", path, errno);
  return SafeDirectory{descriptor, path};
}

Result<SafeDirectory> SafeDirectory::descend(std::string_view relative) const {
  SafeDirectory here{::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0), path_};
  if (here.descriptor_ < 0) return system_error("cannot open the directory", path_, errno);
  for (bool more = !relative.empty(); more;) {
    const auto slash = relative.find('/');
    const std::string name{relative.substr(0, slash)};
    more = slash != std::string_view::npos;
    if (more) relative.remove_prefix(slash + 1);
    const auto path = here.path_ / name;
    if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string::npos)
      return Error{ErrorCode::damaged, "not a path below the root", path.string(), {}};
    if (::mkdirat(here.descriptor_, name.c_str(), 0777) != 0 && errno != EEXIST)
      return system_error("cannot create the directory", path, errno);
    const int descriptor = ::openat(here.descriptor_, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0 && (errno == ELOOP || errno == ENOTDIR))
      return Error{ErrorCode::damaged, "a symbolic link or file stands where a directory must be", path.string(), "remove it"};
    if (descriptor < 0) return system_error("cannot open the directory", path, errno);
    here = SafeDirectory{descriptor, path};
  }
  return here;
}

Result<bool> place(const std::filesystem::path& file, const std::filesystem::path& root, std::string_view relative, Taken taken) {
  INGOT_TRY(const auto target, detail::parent_of(root, relative));
  const auto& [parent, name] = target;
  const int directory = parent.descriptor();
  const auto failed = [&, &place = parent.path(), &leaf = name](int error) {
    return system_error("cannot give the file its final name", place / leaf, error);
  };
  if (taken == Taken::replace) {
    if (::renameat(AT_FDCWD, file.c_str(), directory, name.c_str()) != 0) return failed(errno);
  } else if (::syscall(SYS_renameat2, AT_FDCWD, file.c_str(), directory, name.c_str(), detail::no_replace) != 0) {
    bool placed = false;
    if (errno == EINVAL || errno == ENOSYS) {  // the file system has no such rename: a second name is as atomic
      placed = ::linkat(AT_FDCWD, file.c_str(), directory, name.c_str(), 0) == 0;
      if (!placed && (errno == EPERM || errno == ENOTSUP || errno == EMLINK))  // nor second names
        placed = ::faccessat(directory, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0
                     ? ::renameat(AT_FDCWD, file.c_str(), directory, name.c_str()) == 0
                     : (errno = EEXIST, false);
    }
    if (!placed && errno != EEXIST) return failed(errno);
    if (!placed && detail::is_directory_at(directory, name)) return failed(EISDIR);
    ::unlink(file.c_str());
    if (!placed) return false;
  }
  INGOT_CHECK(detail::sync_directory(parent));
  return true;
}

Status place_link(const std::string& target, const std::filesystem::path& root, std::string_view relative) {
  static std::atomic<std::uint32_t> counter = 0;
  INGOT_TRY(const auto place, detail::parent_of(root, relative));
  const auto& [parent, name] = place;
  if (::symlinkat(target.c_str(), parent.descriptor(), name.c_str()) == 0) return detail::sync_directory(parent);  // nothing to replace
  std::string temporary;
  do {
    temporary = ".link." + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1, std::memory_order_relaxed)) + ".partial";
    if (::symlinkat(target.c_str(), parent.descriptor(), temporary.c_str()) == 0) break;
    if (errno != EEXIST) return system_error("cannot make the symbolic link", parent.path() / name, errno);
  } while (true);
  if (::renameat(parent.descriptor(), temporary.c_str(), parent.descriptor(), name.c_str()) != 0) {
    const int error = errno;
    ::unlinkat(parent.descriptor(), temporary.c_str(), 0);
    return system_error("cannot make the symbolic link", parent.path() / name, error);
  }
  return detail::sync_directory(parent);
}

}  // namespace ingot::acquire
