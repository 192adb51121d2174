// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/hugging_face_cache.hpp>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

TEST_CASE("roots and folders") {
  CHECK(hugging_face_cache_root(test::environment_of({{"HOME", "/h"}})) == "/h/.cache/huggingface/hub");
  CHECK(hugging_face_cache_root(test::environment_of({{"HF_HOME", "/x"}})) == "/x/hub");
  CHECK(hugging_face_cache_root(test::environment_of({{"HF_HOME", "/x"}, {"HUGGINGFACE_HUB_CACHE", "/o"}})) == "/o");
  CHECK(hugging_face_cache_root(test::environment_of({{"HF_HUB_CACHE", "/n"}, {"HUGGINGFACE_HUB_CACHE", "/o"}})) == "/n");
  CHECK(repository_folder("owner/name") == "models--owner--name");
  CHECK(repository_folder("gpt2") == "models--gpt2");
}

TEST_CASE("content lies once, snapshots link to it") {
  const test::TemporaryDirectory directory;
  const HuggingFaceCache cache{directory.path() / "hub", "owner/name"};
  const fs::path repository = directory.path() / "hub/models--owner--name";
  const RemoteFile file{"sub/dir/a.bin", 3, {test::digest_of("abc")}, {}, {}};
  REQUIRE(cache.prepare());
  CHECK(fs::exists(directory.path() / "hub/CACHEDIR.TAG"));
  CHECK(!cache.find("c1", file));

  fs::create_directories(cache.staging());
  const auto staged = [&](const std::string& text) {
    directory.write("hub/models--owner--name/.staging/data", text);
    return StagedFile{cache.staging() / "data", text.size(), test::digest_of(text)};
  };
  REQUIRE(cache.publish("c1", file, staged("abc")));
  const fs::path link = repository / "snapshots/c1/sub/dir/a.bin";
  CHECK(fs::read_symlink(link) == "../../../../blobs/" + test::digest_of("abc").hex);
  CHECK(test::read_file(link) == "abc");
  CHECK(cache.find("c1", file) == link);
  CHECK(cache.find("c2", file) == repository / "blobs" / test::digest_of("abc").hex);
  REQUIRE(cache.adopt("c2", file));
  CHECK(cache.find("c2", file) == repository / "snapshots/c2/sub/dir/a.bin");

  fs::resize_file(repository / "blobs" / test::digest_of("abc").hex, 2);  // cut by somebody
  CHECK(!cache.find("c1", file));
  REQUIRE(cache.publish("c1", file, staged("abc")));
  CHECK(test::read_file(repository / "snapshots/c2/sub/dir/a.bin") == "abc");

  const RemoteFile unnamed{"b", 3, {}, {}, {}};
  REQUIRE(cache.publish("c1", unnamed, staged("xyz")));
  CHECK(cache.find("c1", unnamed) == repository / "snapshots/c1/b");
  REQUIRE(cache.note_absent("c1", "gone/file"));
  CHECK(fs::is_empty(repository / ".no_exist/c1/gone/file"));
}
