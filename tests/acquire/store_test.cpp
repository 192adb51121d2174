// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/store.hpp>

#include <filesystem>

#include <doctest/doctest.h>
#include <unistd.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;

TEST_CASE("names of content, and files of a size") {
  const test::TemporaryDirectory directory;
  RemoteFile file{"a", 3, {}, {}, {}};
  CHECK(blob_name(file).empty());
  file.digests = {Digest{Hash::md5, std::string(32, 'a')}};
  CHECK(blob_name(file).empty());
  file.digests = {Digest{Hash::git_blob, std::string(40, 'a')}};
  CHECK(blob_name(file) == std::string(40, 'a'));
  const auto path = directory.write("a", "abc");
  CHECK(is_file_of(path, file));
  file.size = 4;
  CHECK(!is_file_of(path, file));
  file.size.reset();
  CHECK(is_file_of(path, file));
  CHECK(!is_file_of(directory.path(), file));
}

TEST_CASE("a cache is marked as one, once") {
  const test::TemporaryDirectory directory;
  REQUIRE(mark_cache(directory.path(), "sub"));
  const auto tag = directory.path() / "sub/CACHEDIR.TAG";
  CHECK(test::read_file(tag).starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
  directory.write("sub/CACHEDIR.TAG", "mine");
  REQUIRE(mark_cache(directory.path(), "sub"));
  CHECK(test::read_file(tag) == "mine");
}

TEST_CASE("another user's cache that anyone may write to is not trusted") {
  const test::TemporaryDirectory directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
  CHECK(check_owner(directory.path()));
  CHECK(check_owner(directory.path() / "missing"));
  if (::geteuid() != 0) return;  // only root can give it to somebody else
  REQUIRE(::chown(directory.path().c_str(), 12345, 12345) == 0);
  CHECK(check_owner(directory.path()).error().code == ErrorCode::disk);
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
  CHECK(check_owner(directory.path()));
}
