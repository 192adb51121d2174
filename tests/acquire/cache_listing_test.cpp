// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/cache_listing.hpp>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

namespace {

void set_read(const fs::path& path, std::time_t when) {
  const timespec times[2] = {{when, 0}, {0, UTIME_OMIT}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

}  // namespace

TEST_CASE("copies are listed and the oldest go first; what they share stays with the last") {
  const test::TemporaryDirectory home;
  const auto repository = home.path() / "hub/models--o--n";
  for (const char* directory : {"blobs", "snapshots/old", "snapshots/new", "refs", "trees"}) fs::create_directories(repository / directory);
  const auto blob = [&](const std::string& name, std::size_t size, std::time_t when) {
    home.write("hub/models--o--n/blobs/" + name, std::string(size, 'x'));
    set_read(repository / "blobs" / name, when);
  };
  blob("shared", 100, 1000), blob("only_old", 10, 1001), blob("only_new", 20, 2000);
  for (const auto& [snapshot, name] : {std::pair{"old", "shared"}, {"old", "only_old"}, {"new", "shared"}, {"new", "only_new"}})
    fs::create_symlink("../../blobs/" + std::string{name}, repository / "snapshots" / snapshot / name);
  home.write("hub/models--o--n/refs/main", "new");
  home.write("hub/models--o--n/refs/v1", "old");
  home.write("hub/models--o--n/trees/old.json", "{}");
  fs::create_directories(home.path() / "xdg/ingot/pypi/dist/1.0");
  set_read(home.write("xdg/ingot/pypi/dist/1.0/a.gguf", "GGUF"), 3000);

  FetchOptions options;
  options.environment = test::environment_of(
      {{"HF_HOME", home.path().string()}, {"XDG_CACHE_HOME", (home.path() / "xdg").string()}, {"HOME", home.path().string()}});
  const auto copies = list_caches(options);
  REQUIRE(copies);
  REQUIRE(copies->size() == 3);
  CHECK((*copies)[0].reference == "hf:o/n@old");
  CHECK((*copies)[0].size == 110);
  CHECK((*copies)[0].last_used_text() == "1970-01-01 00:16:41");
  CHECK((*copies)[1].reference == "hf:o/n@new");
  CHECK((*copies)[2].reference == "pypi:dist@1.0");

  CHECK(prune_caches(options, 134)->empty());
  options.dry_run = true;
  CHECK(prune_caches(options, 130)->size() == 1);
  CHECK(fs::exists(repository / "snapshots/old"));
  options.dry_run = false;
  CHECK(prune_caches(options, 130)->size() == 1);
  CHECK(!fs::exists(repository / "snapshots/old"));
  CHECK(!fs::exists(repository / "refs/v1"));
  CHECK(!fs::exists(repository / "trees/old.json"));
  CHECK(!fs::exists(repository / "blobs/only_old"));
  CHECK(fs::exists(repository / "blobs/shared"));
  CHECK(prune_caches(options, 0)->size() == 2);
  CHECK(!fs::exists(repository));
  CHECK(list_caches(options)->empty());
}
