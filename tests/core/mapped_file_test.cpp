// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/mapped_file.hpp>

#include <cerrno>
#include <fstream>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

using namespace ingot;
using ingot::test::TemporaryDirectory;

TEST_CASE("a file's bytes, through moves") {
  const TemporaryDirectory directory;
  std::ofstream{directory.path() / "a"} << "hello";
  auto file = MappedFile::open(directory.path() / "a");
  REQUIRE(file);
  const MappedFile moved = *std::move(file);
  CHECK(moved.text() == "hello");
  CHECK(moved.path() == directory.path() / "a");
  std::ofstream{directory.path() / "empty"};
  CHECK(MappedFile::open(directory.path() / "empty")->bytes().empty());
}

TEST_CASE("what cannot be mapped says why") {
  const TemporaryDirectory directory;
  const auto missing = MappedFile::open(directory.path() / "missing");
  REQUIRE(!missing);
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(missing.error().where == (directory.path() / "missing").string());
  CHECK(MappedFile::open(directory.path()).error().code == ErrorCode::disk);
  CHECK(system_error("x", "y", ENOSPC).hint == "free some space");
}
