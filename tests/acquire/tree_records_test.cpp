// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/tree_records.hpp>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;

namespace {

const std::string commit(40, 'c');

Listing listing() {
  Listing made{"o/n", "main", commit, {}};
  made.files.push_back({"config.json", 5, {Digest{Hash::git_blob, std::string(40, 'a')}}, std::string(40, 'a'), {}});
  made.files.push_back({"m \"q\".safetensors", 7, {Digest{Hash::sha256, std::string(64, 'b')}}, std::string(40, 'd'), {}});
  return made;
}

}  // namespace

TEST_CASE("records are written and read") {
  const test::TemporaryDirectory directory;
  const TreeRecords records{directory.path(), "state/here"};
  CHECK(!records.tree("o/n", "main", commit));
  REQUIRE(records.write_tree(listing()));
  REQUIRE(records.write_ref("refs/pr/1", commit));
  CHECK(test::read_file(directory.path() / "state/here/refs/refs/pr/1") == commit);
  CHECK(records.commit_of("refs/pr/1") == commit);
  CHECK(records.revisions() == std::vector<std::pair<std::string, std::string>>{{"refs/pr/1", commit}});
  const auto read = records.tree("o/n", "main", commit);
  REQUIRE(read);
  REQUIRE(read->files.size() == 2);
  CHECK(read->files[1].path == "m \"q\".safetensors");
  CHECK(read->files[1].digests == listing().files[1].digests);
  CHECK(read->files[0].digests == listing().files[0].digests);
  CHECK(read->commit == commit);
}

TEST_CASE("records that cannot be read count as absent") {
  const test::TemporaryDirectory directory;
  const TreeRecords records{directory.path()};
  std::filesystem::create_directories(directory.path() / "trees");
  std::filesystem::create_directories(directory.path() / "refs");
  for (const char* text : {"", "garbage", "{}", R"({"format_version":2,"files":{}})", R"({"format_version":1,"files":{"../x":{"size":1}}})",
                           R"({"format_version":1,"files":{"x":{"size":1,"blob_id":"../y"}}})"}) {
    directory.write("trees/" + commit + ".json", text);
    CHECK_MESSAGE(!records.tree("o/n", "main", commit), text);
  }
  CHECK(!records.tree("o/n", "main", "../" + commit));
  for (const char* text : {"", "../x", "a/b"}) {
    directory.write("refs/main", text);
    CHECK_MESSAGE(!records.commit_of("main"), text);
  }
  directory.write("refs/main", commit + "\n");
  CHECK(records.commit_of("main") == commit);
  CHECK(!records.commit_of("../main"));
}

TEST_CASE("no record is written through a link") {
  const test::TemporaryDirectory directory, outside;
  std::filesystem::create_directory_symlink(outside.path(), directory.path() / "state");
  CHECK(TreeRecords{directory.path(), "state"}.write_tree(listing()).error().code == ErrorCode::damaged);
  CHECK(std::filesystem::is_empty(outside.path()));
  CHECK(write_below(directory.path(), "a/b/c", "text"));
  CHECK(test::read_file(directory.path() / "a/b/c") == "text");
}
