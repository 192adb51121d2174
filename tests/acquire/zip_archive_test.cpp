// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/zip_archive.hpp>

#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "zip_writer.hpp"

using namespace ingot;
using namespace ingot::acquire;

namespace {

Result<std::string> contents(const ZipArchive& archive, const ZipEntry& entry) {
  std::string out;
  INGOT_CHECK(archive.read(entry, [&](std::span<const std::byte> bytes) -> Status {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }));
  return out;
}

/// Whether an archive with this central directory is refused, when it is opened or when its first member is read.
bool refused(const std::function<void(std::size_t, std::string&)>& change, std::vector<test::ZipMember> members = {}) {
  const test::TemporaryDirectory directory;
  if (members.empty()) members = {{"pkg/model.gguf", std::string(100'000, 'x')}, {"pkg/b.json", "{}"}};
  const auto archive = ZipArchive::open(directory.write("a.zip", test::zip_of(members, change)));
  if (!archive) return archive.error().code == ErrorCode::damaged;
  const auto read = contents(*archive, archive->entries()[0]);
  return !read && read.error().code == ErrorCode::damaged;
}

std::function<void(std::size_t, std::string&)> set(std::size_t at, std::uint64_t value, std::size_t size) {
  return [=](std::size_t member, std::string& entry) {
    for (std::size_t i = 0; member == 0 && i < size; ++i) entry[at + i] = static_cast<char>(value >> (8 * i));
  };
}

}  // namespace

TEST_CASE("members, stored and packed") {
  const test::TemporaryDirectory directory;
  std::string large;
  for (int i = 0; i < 200'000; ++i) large += std::to_string(i * 7919);
  const auto archive = ZipArchive::open(
      directory.write("a.zip", test::zip_of({{"d/", "", false}, {"d/large", large}, {"plain", "abc", false}, {"empty", ""}})));
  REQUIRE(archive);
  REQUIRE(archive->entries().size() == 4);
  CHECK(archive->entries()[0].is_directory());
  CHECK(*contents(*archive, archive->entries()[1]) == large);
  CHECK(*contents(*archive, archive->entries()[2]) == "abc");
  CHECK(contents(*archive, archive->entries()[3])->empty());
}

TEST_CASE("archives that lie") {
  CHECK(!refused({}));
  CHECK(refused(set(8, 1, 2)));                // encrypted
  CHECK(refused(set(10, 99, 2)));              // method
  CHECK(refused(set(16, 0x12345678, 4)));      // CRC
  CHECK(refused(set(20, 0xFFFFFFF0, 4)));      // packed size
  CHECK(refused(set(24, 0xFFFFFF00, 4)));      // a bomb's size
  CHECK(refused(set(24, 99'999, 4)));          // longer than it says
  CHECK(refused(set(24, 100'001, 4)));         // shorter
  CHECK(refused(set(24, 0xFFFFFFFF, 4)));      // zip64 without its field
  CHECK(refused(set(42, 0x7FFFFFFF, 4)));      // offset
  CHECK(refused(set(38, 0120777u << 16, 4)));  // a link
  CHECK(refused(set(28, 0xFFFF, 2)));          // name's length
  CHECK(refused(set(0, 0, 4)));                // signature
  CHECK(refused({}, {{"../x", "a"}}));
  CHECK(refused({}, {{"/x", "a"}}));
  CHECK(refused({}, {{"A", "a"}, {"a", "b"}}));
  CHECK(refused([](std::size_t member, std::string& entry) {  // two members of the same bytes
    if (member == 1) entry.replace(42, 4, std::string(4, '\0'));
  }));
}

TEST_CASE("archives that are none, or cut") {
  const test::TemporaryDirectory directory;
  const std::string whole = test::zip_of({{"a", std::string(5000, 'x'), false}});
  for (const std::size_t size : {std::size_t{0}, std::size_t{21}, std::size_t{100}, whole.size() / 2, whole.size() - 1})
    CHECK(!ZipArchive::open(directory.write("cut.zip", whole.substr(0, size))));
  CHECK(!ZipArchive::open(directory.write("none.zip", std::string(70'000, 'P'))));
  CHECK(ZipArchive::open(directory.path() / "missing").error().code == ErrorCode::not_found);
  CHECK(!ZipArchive::open(directory.path()));
}

TEST_CASE("reading stops when it is cancelled") {
  const test::TemporaryDirectory directory;
  const auto archive = ZipArchive::open(directory.write("a.zip", test::zip_of({{"a", "abc"}})));
  REQUIRE(archive);
  Cancellation cancellation;
  cancellation.request();
  const auto status = archive->read(
      archive->entries()[0], [](std::span<const std::byte>) -> Status { return {}; }, &cancellation);
  CHECK(status.error().code == ErrorCode::cancelled);
}
