// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/package_writer.hpp>

#include <csignal>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ingot/quant/package.hpp>

#include <doctest/doctest.h>

#include "quant/matrices.hpp"
#include "support/temporary_directory.hpp"

using namespace ingot;
using namespace ingot::quant;
using ingot::test::random_matrix;
using ingot::test::source_of;
using ingot::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

const std::vector<float> norm{1, 2, 3};

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

/// A package of one vector, whose first value is `mark`.
Status write_marked(const fs::path& directory, float mark) {
  INGOT_TRY(auto writer, PackageWriter::create(directory, "llama"));
  INGOT_CHECK(writer.declare_vector("mark", 1));
  INGOT_CHECK(writer.write("mark", std::vector{mark}));
  INGOT_CHECK(writer.add_file("config.json", "{}"));
  return writer.commit();
}
float mark_of(const fs::path& directory) {
  const auto package = Package::open(directory);
  return package ? (*package->vector("mark"))[0] : -1;
}

}  // namespace

TEST_CASE("nothing is seen before commit, and nothing is left without it") {
  const TemporaryDirectory temporary;
  const fs::path target = temporary.path() / "p";
  {
    auto writer = PackageWriter::create(target, "llama");
    REQUIRE(writer);
    REQUIRE(writer->declare_vector("norm", 3));
    REQUIRE(writer->write("norm", norm));
    REQUIRE(writer->add_file("llm_config.json", "{}"));
    CHECK(!fs::exists(target));
    const PackageWriter moved = *std::move(writer);
    CHECK(moved.directory() == target);
  }
  CHECK(entries(temporary.path()) == 0);
}

TEST_CASE("a package is replaced whole; an empty directory is filled") {
  const TemporaryDirectory temporary;
  const fs::path target = temporary.path() / "p";
  REQUIRE(fs::create_directory(target));
  REQUIRE(write_marked(target, 1));
  CHECK(mark_of(target) == 1);
  const auto old = Package::open(target);  // keeps its mapping while the files go
  REQUIRE(write_marked(target.string() + "/", 2));
  CHECK(mark_of(target) == 2);
  CHECK((*old->vector("mark"))[0] == 1);
  CHECK(entries(temporary.path()) == 1);
  CHECK(entries(target) == 2);

  fs::create_directory_symlink("p", temporary.path() / "link");
  REQUIRE(write_marked(temporary.path() / "link", 3));
  CHECK(fs::is_symlink(temporary.path() / "link"));
  CHECK(mark_of(target) == 3);
}

TEST_CASE("whatever else stands at the destination is kept") {
  const TemporaryDirectory temporary;
  const fs::path target = temporary.path() / "p";
  const auto refused = [&] {
    const Status status = write_marked(target, 1);
    return !status && status.error().code == ErrorCode::usage && status.error().where == target.string();
  };
  temporary.write("p", "a file");
  CHECK(refused());
  fs::remove(target);
  fs::create_directory(target);
  temporary.write("p/notes.txt", "mine");
  CHECK(refused());
  temporary.write("p/weights.safetensors", "not really");
  CHECK(refused());
  CHECK(fs::exists(target / "notes.txt"));
  fs::remove_all(target);
  REQUIRE(write_marked(target, 1));
  fs::create_directory(target / "backup");  // packages have no directories: this one is somebody's
  CHECK(refused());
  fs::remove(target / "backup");

  auto writer = PackageWriter::create(target, "llama");
  REQUIRE(writer);
  fs::remove(target / weights_file);  // no package any more when the export ends
  CHECK(writer->commit().error().code == ErrorCode::usage);
  CHECK(fs::exists(target / "config.json"));
  CHECK(entries(temporary.path()) == 1);
}

TEST_CASE("mistakes of the caller are errors, and a failed commit leaves nothing") {
  const TemporaryDirectory temporary;
  Team team{1};
  const std::vector<float> weights = random_matrix(4, 8, 1);
  const auto int8 = pack({.bits = 8}, 4, 8, source_of(weights, 8), team), int4 = pack({.bits = 4}, 4, 8, source_of(weights, 8), team);
  auto writer = PackageWriter::create(temporary.path() / "p", "llama");
  REQUIRE(writer);
  CHECK(writer->declare_matrix("m", {.bits = 7}, 4, 8).error().code == ErrorCode::unsupported);
  CHECK(writer->declare_matrix("m", {.bits = 4}, std::numeric_limits<std::size_t>::max(), 8).error().code == ErrorCode::damaged);
  REQUIRE(writer->declare_matrix("m", {.bits = 8}, 4, 8));
  CHECK(!writer->declare_matrix("m", {.bits = 8}, 4, 8));
  REQUIRE(writer->declare_vector("v", 3));
  CHECK(!writer->write("m", int4->view()));  // not as declared
  CHECK(!writer->write("x", int8->view()));  // not at all declared
  REQUIRE(writer->write("m", int8->view()));
  CHECK(!writer->declare_vector("w", 3));                // too late
  CHECK(!writer->write("m", int8->view()));              // twice
  CHECK(!writer->write("v", std::vector<float>{1, 2}));  // too short
  for (const std::string_view name : {"", ".", "..", "a/b", "../a", "/a", "weights.safetensors"}) CHECK(!writer->add_file(name, ""));
  CHECK(!writer->add_file(std::string_view{"a\0b", 3}, ""));
  REQUIRE(writer->add_file("a", ""));
  CHECK(!writer->add_file("a", ""));
  const Status status = writer->commit();
  REQUIRE(!status);
  CHECK(status.error().where.find("v") != std::string::npos);
  CHECK(entries(temporary.path()) == 0);

  auto twice = PackageWriter::create(temporary.path() / "p", "llama");
  REQUIRE(twice->declare_vector("v", 3));
  REQUIRE(twice->declare_vector("v", 3));
  CHECK(!twice->write("v", norm));
}

TEST_CASE("a full disk is one error, and nothing is left") {
  const TemporaryDirectory temporary;
  for (const ::rlim_t limit : {::rlim_t{0}, ::rlim_t{100}, ::rlim_t{5000}, ::rlim_t{60000}}) {
    const ::pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {  // a file size limit fails as a full disk does: write() comes back short, then with an error
      ::signal(SIGXFSZ, SIG_IGN);
      const ::rlimit files{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &files);
      auto writer = PackageWriter::create(temporary.path() / "p", "llama");
      if (!writer || !writer->declare_vector("v", 20000)) ::_exit(100);
      Status status = writer->write("v", std::vector<float>(20000, 1.0f));
      if (status) status = writer->commit();
      writer = Error{};  // ends the writer's life, which _exit() would not
      ::_exit(status ? 101 : status.error().exit_code());
    }
    int result = 0;
    ::waitpid(child, &result, 0);
    CHECK(WIFEXITED(result));
    CHECK(WEXITSTATUS(result) == static_cast<int>(ErrorCode::disk));
    CHECK(entries(temporary.path()) == 0);
  }
}

TEST_CASE("the destination's parent must be a directory that can be written") {
  CHECK(PackageWriter::create("/proc/nothing/p", "llama").error().exit_code() > 1);
  const TemporaryDirectory temporary;
  temporary.write("file", "");
  CHECK(PackageWriter::create(temporary.path() / "file" / "p", "llama").error().exit_code() > 1);
}
