// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/verified_index.hpp>

#include <chrono>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;

TEST_CASE("a file is hashed once, and again when it has changed") {
  const test::TemporaryDirectory directory;
  const auto file = directory.write("file", "content");
  const std::vector digests{test::digest_of("content"), test::digest_of("content", Hash::git_blob)};
  auto index = VerifiedIndex::open(directory.path() / "sub/verified");
  CHECK(*index.matches(file, digests));
  CHECK(!*index.matches(file, {test::digest_of("other")}));
  CHECK(!*index.matches(directory.path() / "missing", digests));
  REQUIRE(index.save());

  auto again = VerifiedIndex::open(directory.path() / "sub/verified");
  const auto identity = *identity_of(file);
  CHECK(again.find(identity, Hash::sha256) == digests[0]);
  CHECK(again.find(identity, Hash::git_blob) == digests[1]);
  CHECK(!again.find(identity, Hash::md5));
  directory.write("file", "CONTENT");  // of the same size; its time may be anything
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() + std::chrono::hours{24 * 365});
  CHECK(!*again.matches(file, digests));
}

TEST_CASE("an index that cannot be read is forgotten") {
  const test::TemporaryDirectory directory;
  const auto identity = FileIdentity{1, 2, 3, 4, 5};
  const std::string good = "1 2 3 4 5 sha256:" + std::string(64, 'a') + "\n";
  for (const std::string& bad :
       {std::string{"garbage\n"}, std::string{"1 2 3\n"}, "1 2 3 4 5 sha256:" + std::string(63, 'a') + "\n", std::string("\0\n", 2)}) {
    const auto index = VerifiedIndex::open(directory.write("verified", bad + good + "1 2 3 4 5 md5:"));
    CHECK(index.find(identity, Hash::sha256) == Digest{Hash::sha256, std::string(64, 'a')});
    CHECK(!index.find(identity, Hash::md5));
  }
  VerifiedIndex nothing;
  nothing.add(identity, Digest{Hash::sha256, std::string(64, 'a')});
  CHECK(nothing.save());
  CHECK(nothing.find(identity, Hash::sha256));
}
