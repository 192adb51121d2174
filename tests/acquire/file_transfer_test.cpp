// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/file_transfer.hpp>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot::acquire;
using namespace ingot::acquire::detail;

namespace {
StagingEntry entry_of(const ingot::test::TemporaryDirectory& directory) {
  return *StagingEntry::open(directory.path(), {"o", "r", "c", "p"}, {}, StagingEntry::Sharing::own);
}
}  // namespace

TEST_CASE("parts cover what is missing, in order, in pieces of 16 to 64 MiB") {
  const ingot::test::TemporaryDirectory directory;
  FileTransfer file;
  file.entry = entry_of(directory);
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{100} << 20, std::uint64_t{5} << 30}) {
    file.size = size;
    file.plan(0);
    std::uint64_t at = 0;
    for (const Part& part : file.waiting) {
      CHECK(part.range.begin == at);
      CHECK(part.range.size() <= FileTransfer::largest_part);
      CHECK((part.range.size() >= FileTransfer::smallest_part || part.range.end == size));
      at = part.range.end;
    }
    CHECK(at == size);
  }
  file.round = Round::whole;
  file.plan(0);
  REQUIRE(file.waiting.size() == 1);
  CHECK(file.waiting[0].range == ByteRange{0, std::uint64_t{5} << 30});
}

TEST_CASE("parts that come back are put where they belong") {
  FileTransfer file;
  for (const std::uint64_t begin : {30, 10, 20, 0}) file.queue({.range = {begin, begin + 10}});
  for (std::size_t i = 0; i < 4; ++i) CHECK(file.waiting[i].range.begin == 10 * i);
}

TEST_CASE("failures are forgiven for 1 MiB, or an eighth of what was missing") {
  FileTransfer file;
  file.size = 800;
  CHECK(!file.forgiven());
  file.high_water = 99;
  CHECK(!file.forgiven());
  file.high_water = 100;
  CHECK(file.forgiven());
  CHECK(!file.forgiven());
  file.size = std::uint64_t{1} << 40;
  file.high_water += (1 << 20) - 1;
  CHECK(!file.forgiven());
  ++file.high_water;
  CHECK(file.forgiven());
}
