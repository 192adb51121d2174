// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/atomic_file.hpp>

#include <csignal>
#include <iterator>

#include <sys/resource.h>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
namespace fs = std::filesystem;

namespace {
std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

/// Files of this process cannot grow beyond `bytes` while this lives: a full disk for a test that is not root's.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &old_); }

 private:
  rlimit old_{};
};
}  // namespace

TEST_CASE("a file appears whole at commit, and replaces the old one") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.write("file", "old");
  auto file = AtomicFile::create(path);
  REQUIRE(file);
  REQUIRE(file->write("ne"));
  REQUIRE(file->write("w"));
  CHECK(test::read_file(path) == "old");
  REQUIRE(file->commit());
  CHECK(test::read_file(path) == "new");
  CHECK(entries(directory.path()) == 1);
}

TEST_CASE("bytes may come in any order; gaps are zeros") {
  const test::TemporaryDirectory directory;
  auto file = AtomicFile::create(directory.path() / "file");
  REQUIRE(file);
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span{text}); };
  REQUIRE(file->write("ab"));
  REQUIRE(file->write_at(6, bytes("z")));
  REQUIRE(file->write_at(1, bytes("B")));
  REQUIRE(file->write("c"));
  REQUIRE(file->commit());
  CHECK(test::read_file(directory.path() / "file") == std::string_view{"aBc\0\0\0z", 7});
}

TEST_CASE("what is written to reserved space reads as written, in whatever pieces and order") {
  const test::TemporaryDirectory directory;
  const std::size_t size = 3 * huge_page + 12345, piece = huge_page / 2 + 777;
  std::string expected(size, 0);
  for (std::size_t i = 0; i < size; ++i) expected[i] = static_cast<char>(i * 2654435761u >> 13);
  auto file = AtomicFile::create(directory.path() / "file");
  REQUIRE(file);
  REQUIRE(file->reserve(size));
  for (std::size_t end = size; end > 0;) {
    const std::size_t begin = end < piece ? 0 : end - piece;
    REQUIRE(file->write_at(begin, std::as_bytes(std::span{expected}).subspan(begin, end - begin)));
    end = begin;
  }
  REQUIRE(file->commit());
  CHECK(test::read_file(directory.path() / "file") == expected);
}

TEST_CASE("more than a disk can hold cannot be reserved, and nothing is left") {
  const test::TemporaryDirectory directory;
  {
    auto file = AtomicFile::create(directory.path() / "file");
    REQUIRE(file);
    const Status status = file->reserve(std::uint64_t{1} << 60);
    REQUIRE_FALSE(status);
    CHECK(status.error().code == ErrorCode::disk);
  }
  CHECK(entries(directory.path()) == 0);
}

TEST_CASE("a file that was not committed leaves no trace") {
  const test::TemporaryDirectory directory;
  {
    auto file = AtomicFile::create(directory.path() / "file");
    REQUIRE(file);
    REQUIRE(file->write("half"));
    AtomicFile moved = *std::move(file);
    CHECK(entries(directory.path()) == 1);
  }
  CHECK(entries(directory.path()) == 0);
}

TEST_CASE("a full disk is a disk error and leaves no trace") {
  const test::TemporaryDirectory directory;
  {
    const FileSizeLimit limit{4096};
    const Status status = write_file(directory.path() / "file", std::string(5000, 'x'));
    REQUIRE(!status);
    CHECK(status.error().code == ErrorCode::disk);
    CHECK(status.error().message().find("file") != std::string::npos);
  }
  CHECK(entries(directory.path()) == 0);
}

TEST_CASE("files in places that do not exist or cannot be replaced") {
  const test::TemporaryDirectory directory;
  CHECK(write_file(directory.path() / "none" / "file", "x").error().code == ErrorCode::not_found);
  fs::create_directory(directory.path() / "taken");
  CHECK(write_file(directory.path() / "taken", "x").error().code == ErrorCode::disk);
  CHECK(entries(directory.path()) == 1);
}

TEST_CASE("a directory appears whole at commit") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "a" / "package/";
  auto package = AtomicDirectory::create(path);
  REQUIRE(package);
  CHECK(!fs::exists(path));
  REQUIRE(write_file(package->temporary_path() / "weights", "1"));
  REQUIRE(package->commit());
  CHECK(test::read_file(path / "weights") == "1");
  CHECK(entries(directory.path() / "a") == 1);
}

TEST_CASE("a directory that was not committed leaves no trace") {
  const test::TemporaryDirectory directory;
  {
    auto package = AtomicDirectory::create(directory.path() / "package");
    REQUIRE(package);
    fs::create_directory(package->temporary_path() / "inner");
    REQUIRE(write_file(package->temporary_path() / "inner" / "file", "1"));
  }
  CHECK(entries(directory.path()) == 0);
}

TEST_CASE("an existing directory is kept, unless the caller says that it may go") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "package";
  fs::create_directory(path);
  {
    auto package = AtomicDirectory::create(path);
    REQUIRE(package->commit());  // an empty one is no loss
  }
  directory.write("package/old", "old");
  {
    auto package = AtomicDirectory::create(path);
    REQUIRE(write_file(package->temporary_path() / "new", "new"));
    const Status status = package->commit();
    REQUIRE(!status);
    CHECK(status.error().code == ErrorCode::disk);
  }
  CHECK(test::read_file(path / "old") == "old");
  {
    auto package = AtomicDirectory::create(path);
    REQUIRE(write_file(package->temporary_path() / "new", "new"));
    REQUIRE(package->commit(AtomicDirectory::Existing::replace));
  }
  CHECK(test::read_file(path / "new") == "new");
  CHECK(!fs::exists(path / "old"));
  CHECK(entries(directory.path()) == 1);
}
