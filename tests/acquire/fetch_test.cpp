// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/fetch.hpp>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;

TEST_CASE("paths are looked at, and pointers in them are said") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path() / "sub");
  directory.write("sub/a.safetensors", "abc");
  const auto reference = *parse_reference("file:" + directory.path().string());
  const auto snapshot = fetch(reference);
  REQUIRE(snapshot);
  CHECK(snapshot->directory == directory.path());
  CHECK(snapshot->files[0].path == "sub/a.safetensors");
  directory.write("sub/b.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 9\n");
  const auto error = fetch(reference).error();
  CHECK(error.code == ErrorCode::damaged);
  CHECK(error.message().find("unresolved LFS pointer") != std::string::npos);
  CHECK(fetch(*parse_reference("file:/nowhere")).error().code == ErrorCode::not_found);
}

TEST_CASE("two directories are one too many, and a cancelled fetch ends") {
  FetchOptions options;
  options.environment = Environment{};
  options.local_directory = "a", options.cache_directory = "b";
  CHECK(fetch(*parse_reference("hf:o/n"), options).error().code == ErrorCode::usage);
  const test::TemporaryDirectory home;
  Cancellation cancellation;
  cancellation.request();
  options.local_directory = home.path() / "local", options.cache_directory.clear();
  options.cancellation = &cancellation;
  options.environment = test::environment_of({{"HOME", home.path().string()}, {"HF_ENDPOINT", "http://127.0.0.1:1"}});
  test::FakeTransport transport{test::FakeHub{{{"a.json", "{}"}}}};
  CHECK(fetch(AnyTransport{transport}, *parse_reference("hf:owner/name"), options).error().code == ErrorCode::cancelled);
}
