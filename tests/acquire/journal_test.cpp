// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/journal.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot::acquire;

namespace {
const JournalIdentity identity{1000, {{Hash::sha256, std::string(64, 'a')}}, "commit"};
constexpr std::uint32_t boot = 77;
std::string journal() {
  return journal_header(1000, identity) + journal_validator(5) + journal_record(Durability::durable, {0, 100}, boot) +
         journal_record(Durability::this_boot, {100, 300}, boot);
}
}  // namespace

TEST_CASE("what was written is read back") {
  const auto contents = read_journal(journal(), identity, boot, 1000);
  REQUIRE(contents);
  CHECK(contents->size == 1000);
  CHECK(contents->validator == 5);
  CHECK(contents->extents.ranges() == std::vector{ByteRange{0, 300}});
  CHECK(contents->bytes == journal().size());
  JournalIdentity unsized = identity;
  unsized.size.reset();
  CHECK(read_journal(journal(), unsized, boot, 1000)->size == 1000);
}

TEST_CASE("after a restart of the machine only what was flushed counts") {
  CHECK(read_journal(journal(), identity, boot + 1, 1000)->extents.covered() == 100);
  CHECK(read_journal(journal(), identity, 0, 1000)->extents.covered() == 100);
  CHECK(boot_tag() == boot_tag());
}

TEST_CASE("bytes past the end of the data are not believed") {
  CHECK(read_journal(journal(), identity, boot, 299)->extents.covered() == 100);
  const auto beyond =
      journal() + journal_record(Durability::durable, {900, 2000}, boot) + journal_record(Durability::durable, {9, 3}, boot);
  CHECK(read_journal(beyond, identity, boot, 5000)->extents.covered() == 300);
}

TEST_CASE("another file's journal is of no use") {
  JournalIdentity other = identity;
  other.size = 999;
  CHECK(!read_journal(journal(), other, boot, 1000));
  other = identity;
  other.digests[0].hex[3] = 'b';
  CHECK(!read_journal(journal(), other, boot, 1000));
  other = identity;
  other.commit = "later";
  CHECK(!read_journal(journal(), other, boot, 1000));
}

TEST_CASE("a torn or damaged tail ends the reading, wherever it was cut") {
  const std::string whole = journal();
  const std::size_t header = journal_header(1000, identity).size();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto contents = read_journal(std::string_view{whole}.substr(0, size), identity, boot, 1000);
    CHECK(contents.has_value() == (size >= header));
    if (contents) CHECK(contents->bytes == size - (size - header) % 32);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto contents = read_journal(damaged, identity, boot, 1000);
    CHECK((!contents || contents->bytes < whole.size()));
  }
}
