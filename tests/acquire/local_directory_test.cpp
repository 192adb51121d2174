// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/local_directory.hpp>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

TEST_CASE("files lie plainly, with huggingface_hub's metadata beside them") {
  const test::TemporaryDirectory directory, outside;
  const LocalDirectory local{directory.path()};
  const std::string commit(40, 'c');
  const RemoteFile file{"sub/a.bin", 3, {test::digest_of("abc")}, {}, {}};
  REQUIRE(local.prepare());
  CHECK(test::read_file(directory.path() / ".cache/huggingface/.gitignore") == "*");
  CHECK(fs::exists(directory.path() / ".cache/huggingface/CACHEDIR.TAG"));

  // A link of an old client's layout is replaced, what it leads to is left alone.
  outside.write("precious", "xyz");
  fs::create_directories(directory.path() / "sub");
  fs::create_symlink(outside.path() / "precious", directory.path() / "sub/a.bin");
  CHECK(!local.find(commit, file));
  fs::create_directories(local.staging());
  directory.write(".staging/data", "abc");
  REQUIRE(local.publish(commit, file, {local.staging() / "data", 3, test::digest_of("abc")}));
  CHECK(local.find(commit, file) == directory.path() / "sub/a.bin");
  CHECK(!fs::is_symlink(directory.path() / "sub/a.bin"));
  CHECK(test::read_file(outside.path() / "precious") == "xyz");

  const std::string metadata = test::read_file(directory.path() / ".cache/huggingface/download/sub/a.bin.metadata");
  CHECK(metadata.starts_with(commit + "\n" + test::digest_of("abc").hex + "\n"));
  CHECK(metadata.ends_with(".0\n"));
  CHECK(local.snapshot(commit) == directory.path());
}

TEST_CASE("nothing is written through a link in the directory") {
  const test::TemporaryDirectory directory, outside;
  fs::create_directory_symlink(outside.path(), directory.path() / ".cache");
  CHECK(LocalDirectory{directory.path()}.prepare().error().code == ErrorCode::damaged);
  CHECK(fs::is_empty(outside.path()));
}
