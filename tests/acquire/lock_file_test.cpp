// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/lock_file.hpp>

#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;

TEST_CASE("what is locked is read again") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "lock";
  CHECK(!LockFile::read(path)->has_value());
  const LockFile lock{"hf:o/n", "main", std::string(40, 'c'), {{"a", 3, test::digest_of("abc")}, {"b/c", 0, test::digest_of("")}}};
  REQUIRE(lock.write(path));
  const auto read = LockFile::read(path);
  REQUIRE_MESSAGE(read, read.error().message());
  CHECK((*read)->repository == "hf:o/n");
  CHECK((*read)->commit == std::string(40, 'c'));
  CHECK((*read)->files[1].path == "b/c");
  CHECK((*read)->files[0].sha256 == test::digest_of("abc"));
}

TEST_CASE("lock files that are none") {
  const test::TemporaryDirectory directory;
  const std::string head = R"({"ingot_lock":1,"repository":"hf:o/n","revision":"main","commit":"c","files":[)";
  const std::string sha(64, 'a');
  for (const std::string& text :
       {std::string{}, std::string{"{}"}, std::string{R"({"ingot_lock":2})"},
        head + R"({"path":"../x","size":1,"sha256":")" + sha + "\"}]}", head + R"({"path":"x","size":1,"sha256":"short"}]})",
        head + R"({"path":"x","size":-1,"sha256":")" + sha + "\"}]}"})
    CHECK_MESSAGE(LockFile::read(directory.write("lock", text)).error().code == ErrorCode::damaged, text);
}

TEST_CASE("a listing is held to its lock") {
  const LockFile lock{"hf:o/n", "main", "c", {{"a", 3, test::digest_of("abc")}}};
  const auto with = [](std::uint64_t size, std::vector<Digest> digests) {
    return Listing{"o/n", "main", "c", {{"a", size, std::move(digests), {}, {}}, {"b", 1, {}, {}, {}}}};
  };
  Listing plain = with(3, {test::digest_of("abc", Hash::git_blob)});
  REQUIRE(lock.restrict(plain, "lock"));
  REQUIRE(plain.files.size() == 1);
  CHECK(plain.files[0].digests.size() == 2);
  Listing same = with(3, {test::digest_of("abc")});
  REQUIRE(lock.restrict(same, "lock"));
  CHECK(same.files[0].digests.size() == 1);
  Listing other = with(3, {test::digest_of("xyz")}), longer = with(4, {}), none{"o/n", "main", "c", {}};
  CHECK(lock.restrict(other, "lock").error().code == ErrorCode::damaged);
  CHECK(lock.restrict(longer, "lock").error().code == ErrorCode::damaged);
  CHECK(lock.restrict(none, "lock").error().code == ErrorCode::damaged);
}
