// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/lfs_pointer.hpp>

#include <string>

#include <doctest/doctest.h>

using ingot::acquire::parse_lfs_pointer;

namespace {

const std::string oid(64, 'a');
const std::string good = "version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize 12345\n";

}  // namespace

TEST_CASE("pointers") {
  const auto pointer = parse_lfs_pointer(good);
  REQUIRE(pointer);
  CHECK(pointer->sha256 == oid);
  CHECK(pointer->size == 12345);
  CHECK(parse_lfs_pointer("version https://hawser.github.com/spec/v1\noid sha256:" + oid + "\nsize 0\n"));
  CHECK(parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\next-0-foo sha256:" + oid + "\noid sha256:" + oid + "\nsize 1"));
}

TEST_CASE("what is no pointer") {
  CHECK(!parse_lfs_pointer(""));
  CHECK(!parse_lfs_pointer("version https://git-lfs.github.com/spec/v9\noid sha256:" + oid + "\nsize 1\n"));
  CHECK(!parse_lfs_pointer(good + std::string(1024, ' ')));
  CHECK(!parse_lfs_pointer(good + "trailing"));
  CHECK(!parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\nsize 1\noid sha256:" + oid + "\n"));
  CHECK(!parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + oid.substr(1) + "\nsize 1\n"));
  CHECK(!parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize -1\n"));
  CHECK(!parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize 99999999999999999999\n"));
  CHECK(!parse_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\n"));
}
