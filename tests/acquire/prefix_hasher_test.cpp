// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/prefix_hasher.hpp>

#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;

namespace {
void wait_for(const PrefixHasher& hasher) {
  while (!hasher.done()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
}
}  // namespace

TEST_CASE("follows a file that grows, and has all digests at its end") {
  const test::TemporaryDirectory directory;
  std::string content(3'000'001, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * i >> 5);
  const auto path = directory.write("file", content);
  const int file = ::open(path.c_str(), O_RDONLY);
  REQUIRE(file >= 0);
  std::atomic<int> woken = 0;
  Background background{2};
  const auto hasher =
      std::make_shared<PrefixHasher>(file, content.size(), std::vector{Digest{Hash::md5, ""}, Digest{Hash::sha256, ""}}, [&] { ++woken; });
  ::close(file);
  for (std::uint64_t end = 0; end < content.size(); end += 100'003) hasher->advance(end, background);
  CHECK(!hasher->done());
  hasher->advance(content.size(), background);
  wait_for(*hasher);
  REQUIRE(hasher->digests());
  REQUIRE(hasher->digests()->size() == 2);
  CHECK((*hasher->digests())[0] == *digest_file(path, Hash::sha256));
  CHECK((*hasher->digests())[1] == *digest_file(path, Hash::md5));
  CHECK(hasher->progress() == content.size());
}

TEST_CASE("an empty file, and one shorter than it should be") {
  const test::TemporaryDirectory directory;
  const int file = ::open(directory.write("file", "").c_str(), O_RDONLY);
  Background background{1};
  const auto empty = std::make_shared<PrefixHasher>(file, 0, std::vector<Digest>{}, [] {});
  empty->advance(0, background);
  wait_for(*empty);
  CHECK((*empty->digests())[0].hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const auto cut = std::make_shared<PrefixHasher>(file, 10, std::vector<Digest>{}, [] {});
  cut->advance(10, background);
  wait_for(*cut);
  CHECK(cut->digests().error().code == ErrorCode::disk);
  ::close(file);
}
