// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/place.hpp>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

TEST_CASE("files get their names, with the directories on the way") {
  const test::TemporaryDirectory directory;
  const auto root = directory.path() / "root";
  REQUIRE(*place(directory.write("new", "1"), root, "a/b/file", Taken::keep));
  CHECK(test::read_file(root / "a/b/file") == "1");
  CHECK(!*place(directory.write("new", "2"), root, "a/b/file", Taken::keep));
  CHECK(test::read_file(root / "a/b/file") == "1");
  CHECK(!fs::exists(directory.path() / "new"));
  REQUIRE(*place(directory.write("new", "3"), root, "a/b/file", Taken::replace));
  CHECK(test::read_file(root / "a/b/file") == "3");
  CHECK(!place(directory.write("new", "4"), root, "a/b", Taken::keep));
  CHECK(!place(directory.write("new", "4"), root, "a/b", Taken::replace));
  CHECK(!place(directory.path() / "none", root, "c", Taken::keep));
}

TEST_CASE("names that lead out of the root are refused") {
  const test::TemporaryDirectory directory;
  const auto root = directory.path() / "root";
  for (const std::string name : {"", ".", "..", "../x", "a/../x", "a/..", "/etc/x", "a//x", "a/./x", "x/"}) {
    CAPTURE(name);
    const auto placed = place(directory.write("new", "1"), root, name, Taken::replace);
    REQUIRE(!placed);
    CHECK(placed.error().code == ErrorCode::damaged);
    CHECK(fs::exists(directory.path() / "new"));
  }
  CHECK(!fs::exists(directory.path() / "x"));
}

TEST_CASE("no write goes through a symbolic link; a link in the file's own place is replaced") {
  const test::TemporaryDirectory directory;
  const auto root = directory.path() / "root";
  fs::create_directories(root);
  fs::create_directory(directory.path() / "outside");
  const auto victim = directory.write("victim", "untouched");
  fs::create_directory_symlink(directory.path() / "outside", root / "link");
  const auto through = place(directory.write("new", "1"), root, "link/file", Taken::replace);
  REQUIRE(!through);
  CHECK(through.error().code == ErrorCode::damaged);
  CHECK(fs::is_empty(directory.path() / "outside"));
  fs::create_symlink(victim, root / "file");
  CHECK(!*place(directory.write("new", "2"), root, "file", Taken::keep));
  REQUIRE(*place(directory.write("new", "2"), root, "file", Taken::replace));
  CHECK(!fs::is_symlink(root / "file"));
  CHECK(test::read_file(root / "file") == "2");
  CHECK(test::read_file(victim) == "untouched");
  // The root itself is the user's choice.
  fs::create_directory_symlink(root, directory.path() / "alias");
  REQUIRE(*place(directory.write("new", "3"), directory.path() / "alias", "other", Taken::keep));
  CHECK(test::read_file(root / "other") == "3");
}

TEST_CASE("links appear in place of what was there") {
  const test::TemporaryDirectory directory;
  const auto root = directory.path() / "root";
  REQUIRE(place_link("../../blobs/abc", root, "snapshots/1/file"));
  CHECK(fs::read_symlink(root / "snapshots/1/file") == "../../blobs/abc");
  REQUIRE(place_link("../../blobs/def", root, "snapshots/1/file"));
  CHECK(fs::read_symlink(root / "snapshots/1/file") == "../../blobs/def");
  CHECK(!place_link("x", root, "../file"));
  CHECK(std::distance(fs::directory_iterator{root / "snapshots/1"}, {}) == 1);
}

TEST_CASE("directories are reached by steps") {
  const test::TemporaryDirectory directory;
  auto root = SafeDirectory::open(directory.path() / "a/b");
  REQUIRE(root);
  const auto below = root->descend("c/d");
  REQUIRE(below);
  CHECK(below->path() == directory.path() / "a/b/c/d");
  CHECK(root->descend("")->path() == root->path());
  directory.write("file", "");
  CHECK(SafeDirectory::open(directory.path())->descend("file").error().code == ErrorCode::damaged);
  SafeDirectory moved = *std::move(root);
  CHECK(moved.descriptor() >= 0);
}
