// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/journal.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

using ingot::ErrorCode, ingot::Journal;

namespace {

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span{text}); }
std::string read(const Journal& journal, std::string_view name) {
  std::string text(journal.size(name), '\0');
  REQUIRE(journal.read(name, {std::as_writable_bytes(std::span{text})}));
  return text;
}

constexpr ingot::Sha256Digest mine{1, 2, 3}, other{1, 2, 4};

}  // namespace

TEST_CASE("a journal gives back what was written, after it was closed, too") {
  const ingot::test::TemporaryDirectory directory;
  const auto path = directory.path() / "work";
  const std::string first = "first", second = " half";
  {
    auto journal = Journal::open(path, mine);
    REQUIRE(journal);
    CHECK(journal->found() == 0);
    REQUIRE(journal->write("a", {bytes(first), bytes(second)}));
    REQUIRE(journal->write("empty", {}));
    CHECK(journal->write("a", {}).error().code == ErrorCode::other);
    CHECK(read(*journal, "a") == "first half");
    CHECK(Journal::open(path, mine).error().code == ErrorCode::busy);
  }
  auto again = Journal::open(path, mine);
  REQUIRE(again);
  CHECK(again->found() == 2);
  CHECK((again->has("empty") && again->size("empty") == 0 && !again->has("b")));
  CHECK(read(*again, "a") == "first half");
  std::vector<std::byte> wrong(3);
  CHECK(again->read("a", {wrong}).error().code == ErrorCode::damaged);
  CHECK(again->read("b", {wrong}).error().code == ErrorCode::damaged);
  again->remove();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a journal of another task, or no journal, is refused and left alone") {
  const ingot::test::TemporaryDirectory directory;
  const auto path = directory.path() / "work";
  REQUIRE(Journal::open(path, mine));
  CHECK(Journal::open(path, other).error().code == ErrorCode::usage);
  REQUIRE(Journal::open(path, mine));
  std::ofstream{path} << "short";
  CHECK(Journal::open(path, mine).error().code == ErrorCode::usage);
  CHECK(std::filesystem::file_size(path) == 5);
}

TEST_CASE("whatever a journal was cut to, whole records stay and new ones follow; a flipped byte ends it") {
  const ingot::test::TemporaryDirectory directory;
  const auto path = directory.path() / "work";
  const std::string one(100, '1'), two(200, '2');
  {
    auto journal = Journal::open(path, mine);
    REQUIRE(journal->write("one", {bytes(one)}));
    REQUIRE(journal->write("two", {bytes(two)}));
  }
  std::string whole(std::filesystem::file_size(path), '\0');
  std::ifstream{path}.read(whole.data(), static_cast<std::streamsize>(whole.size()));
  const std::size_t header = 13 + 32, first = header + 48 + 3 + 100, all = first + 48 + 3 + 200;
  REQUIRE(whole.size() == all);
  const auto check = [&](const std::string& contents, std::size_t records) {
    std::ofstream{path, std::ios::trunc} << contents;
    auto journal = Journal::open(path, mine);
    REQUIRE(journal);
    CHECK(journal->found() == records);
    if (records > 0) CHECK(read(*journal, "one") == one);
    REQUIRE(journal->write("three", {bytes(two)}));
    CHECK(read(*journal, "three") == two);
  };
  for (std::size_t size = header; size < all; ++size) check(whole.substr(0, size), size >= first);
  for (std::size_t at = first; at < all; at += 7) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    check(damaged, 1);
  }
}
