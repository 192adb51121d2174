// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/staging.hpp>

#include <filesystem>
#include <span>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

namespace {
const StagingId id{"https://hub", "owner/name", "commit", "dir/file"};
const JournalIdentity identity{1000, {{Hash::sha256, std::string(64, 'a')}}, "commit"};
using Sharing = StagingEntry::Sharing;
std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span{text}); }
}  // namespace

TEST_CASE("names are one file's each") {
  CHECK(id.name().size() == 64);
  CHECK(id.name() == StagingId{id}.name());
  CHECK(StagingId{"a", "bc", "d", "e"}.name() != StagingId{"ab", "c", "d", "e"}.name());
  CHECK(StagingId{"a", "b", "c", "d"}.name() != StagingId{"a", "b", "c", "e"}.name());
}

TEST_CASE("what was written and journaled is there again; what was not is fetched again") {
  const test::TemporaryDirectory directory;
  {
    auto entry = StagingEntry::open(directory.path(), id, identity, Sharing::locked);
    REQUIRE(entry);
    CHECK(!entry->size());
    REQUIRE(entry->begin(1000));
    CHECK(fs::file_size(entry->data_path()) == 1000);
    REQUIRE(entry->write(100, bytes("hello")));
    CHECK(entry->unrecorded() == 5);
    REQUIRE(entry->record_written());
    REQUIRE(entry->record_validator(9));
    REQUIRE(entry->write(200, bytes("lost")));
    CHECK(entry->extents().covered() == 9);
    CHECK(StagingEntry::open(directory.path(), id, identity, Sharing::locked).error().code == ErrorCode::busy);
    CHECK(kept_space(directory.path(), id) >= 1000);
  }
  auto entry = StagingEntry::open(directory.path(), id, identity, Sharing::locked);
  REQUIRE(entry);
  CHECK(entry->size() == 1000);
  CHECK(entry->validator() == 9);
  CHECK(entry->extents().ranges() == std::vector{ByteRange{100, 105}});
  REQUIRE(entry->begin(1000));
  CHECK(entry->extents().covered() == 5);
  CHECK(test::read_file(entry->data_path()).substr(100, 5) == "hello");
  REQUIRE(entry->restart(true));
  CHECK(entry->extents().empty());
  CHECK(entry->size() == 1000);
  entry->remove();
  CHECK(!fs::exists(entry->data_path()));
}

TEST_CASE("another size or digest begins anew") {
  const test::TemporaryDirectory directory;
  for (const bool size : {true, false}) {
    {
      auto entry = StagingEntry::open(directory.path(), id, identity, Sharing::locked);
      REQUIRE(entry->begin(1000));
      REQUIRE(entry->write(0, bytes("hello")));
      REQUIRE(entry->record_written());
    }
    JournalIdentity other = identity;
    if (size)
      other.size = 999;
    else
      other.digests[0].hex[0] = 'b';
    auto entry = StagingEntry::open(directory.path(), id, other, Sharing::locked);
    REQUIRE(entry);
    CHECK(entry->extents().empty());
    REQUIRE(entry->begin(*other.size));
  }
}

TEST_CASE("a torn tail of the journal is cut off, and what is appended after it counts") {
  const test::TemporaryDirectory directory;
  const auto map = directory.path() / id.name() / "map";
  {
    auto entry = StagingEntry::open(directory.path(), id, identity, Sharing::locked);
    REQUIRE(entry->begin(1000));
    REQUIRE(entry->write(0, bytes("hello")));
    REQUIRE(entry->record_written());
  }
  std::ofstream{map, std::ios::app | std::ios::binary} << "torn";
  {
    auto entry = StagingEntry::open(directory.path(), id, identity, Sharing::locked);
    REQUIRE(entry->write(5, bytes("again")));
    REQUIRE(entry->record_written());
  }
  CHECK(StagingEntry::open(directory.path(), id, identity, Sharing::locked)->extents().covered() == 10);
}

TEST_CASE("links are not followed, and second names not written through") {
  const test::TemporaryDirectory directory;
  const auto victim = directory.write("victim", "untouched");
  fs::create_directory(directory.path() / id.name());
  fs::create_symlink(victim, directory.path() / id.name() / "data");
  CHECK(!StagingEntry::open(directory.path(), id, identity, Sharing::locked));
  fs::remove(directory.path() / id.name() / "data");
  fs::create_hard_link(victim, directory.path() / id.name() / "data");
  {
    auto entry = StagingEntry::open(directory.path(), id, identity, Sharing::locked);
    REQUIRE(entry);
    REQUIRE(entry->begin(1000));
    REQUIRE(entry->write(0, bytes("overwritten")));
    CHECK(test::read_file(entry->data_path()).starts_with("overwritten"));
  }
  CHECK(test::read_file(victim) == "untouched");
}

TEST_CASE("names of our own are nobody else's until they are let go; damaged files are put aside under one name") {
  const test::TemporaryDirectory directory;
  {
    auto a = StagingEntry::open(directory.path(), id, identity, Sharing::own);
    auto b = StagingEntry::open(directory.path(), id, identity, Sharing::own);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a->data_path() != b->data_path());
    REQUIRE(a->begin(1000));
    REQUIRE(b->begin(1000));
    REQUIRE(b->write(0, bytes("hello")));
    REQUIRE(b->record_written());
    a->remove();
  }
  {
    auto c = StagingEntry::open(directory.path(), id, identity, Sharing::own);
    REQUIRE(c);
    CHECK(c->extents().covered() == 5);
    CHECK(StagingEntry::open(directory.path(), id, identity, Sharing::own)->extents().empty());
    c->remove();
  }
  for (const auto& entry : fs::directory_iterator{directory.path()}) fs::remove_all(entry);
  for (int i = 0; i < 2; ++i) {
    auto entry = StagingEntry::open(directory.path(), id, identity, Sharing::locked);
    REQUIRE(entry->begin(1000));
    REQUIRE(entry->quarantine());
  }
  CHECK(fs::file_size(directory.path() / (id.name() + ".quarantined")) == 1000);
  CHECK(std::distance(fs::directory_iterator{directory.path()}, {}) == 1);
}

TEST_CASE("a size that is known only in the end keeps the bytes") {
  const test::TemporaryDirectory directory;
  JournalIdentity unsized = identity;
  unsized.size.reset();
  {
    auto entry = StagingEntry::open(directory.path(), id, unsized, Sharing::locked);
    REQUIRE(entry->write(0, bytes("hello")));
    REQUIRE(entry->settle(5));
  }
  const auto entry = StagingEntry::open(directory.path(), id, unsized, Sharing::locked);
  CHECK(entry->size() == 5);
  CHECK(entry->extents().covered() == 5);
}

TEST_CASE("flushing says what failed, and stops when told") {
  const test::TemporaryDirectory directory;
  auto entry = StagingEntry::open(directory.path(), id, identity, Sharing::locked);
  REQUIRE(entry->begin(1000));
  const std::vector<ByteRange> ranges{{0, 1000}};
  std::atomic<bool> stop = false;
  CHECK(flush(entry->data(), entry->data_path(), ranges, stop));
  CHECK(entry->record_durable(ranges));
  stop = true;
  CHECK(flush(entry->data(), entry->data_path(), ranges, stop).error().code == ErrorCode::cancelled);
  CHECK(flush(-1, "x", {}, std::atomic<bool>{false}).error().code == ErrorCode::disk);
  CHECK(*free_space(directory.path()) > 0);
  CHECK(!free_space(directory.path() / "none"));
}
