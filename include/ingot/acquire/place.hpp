// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/place.hpp: files get their final names below a root, and no symbolic link leads them out of it.

#include <filesystem>
#include <string>
#include <string_view>

#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// An open directory; what is below it is reached component by component, and a symbolic link on the way is an Error. Move-only.
class SafeDirectory {
 public:
  /// `path` itself may lead through links: it is the user's own choice of root. Missing directories are made (0777 & ~umask).
  /// Errors: disk, not_found.
  [[nodiscard]] static Result<SafeDirectory> open(const std::filesystem::path& path);
  /// The directory `relative` below this one ("" is itself), made where it is missing. Errors: damaged (a component is "", ".", ".." or
  /// a symbolic link, or an absolute path), disk.
  [[nodiscard]] Result<SafeDirectory> descend(std::string_view relative) const;

  SafeDirectory(SafeDirectory&& other) noexcept;
  SafeDirectory& operator=(SafeDirectory&& other) noexcept;
  ~SafeDirectory();
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  SafeDirectory(int descriptor, std::filesystem::path path) noexcept;
  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// What to do where the final name is taken.
enum class Taken : std::uint8_t {
  keep,     ///< leave what is there (a file of content-addressed name is the same file) and remove ours
  replace,  ///< atomically; a symbolic link is replaced itself, never written through. A directory is an Error.
};

/// Renames `file`, which is on the same file system and flushed, to root/relative and flushes the directory. Missing directories are made.
/// Without replacing this is atomic too (RENAME_NOREPLACE, or link and unlink). Returns whether ours is now there.
/// Errors: damaged (as SafeDirectory::descend), disk.
[[nodiscard]] Result<bool> place(const std::filesystem::path& file, const std::filesystem::path& root, std::string_view relative,
                                 Taken taken);

/// Makes root/relative a symbolic link to `target`, in place of a link or file that is there. Errors: as place().
[[nodiscard]] Status place_link(const std::string& target, const std::filesystem::path& root, std::string_view relative);

}  // namespace ingot::acquire
