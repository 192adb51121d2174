// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/digest.hpp>

#include <span>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;

namespace {
std::string hex(Hash hash, std::string_view text) {
  Hasher hasher{hash, text.size()};
  for (const char& c : text) hasher.update(std::as_bytes(std::span{&c, 1}));
  return hasher.finish()->hex;
}
}  // namespace

TEST_CASE("the known digests of known texts") {
  CHECK(hex(Hash::sha256, "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(Hash::sha1, "abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(Hash::md5, "abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hex(Hash::git_blob, "test content\n") == "d670460b4b4aece5915caf5c68d12f560a9fe3e4");  // Pro Git, chapter 10.2
  CHECK(hex(Hash::git_blob, "") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
}

TEST_CASE("parsed digests are digits of the right number, lower-case") {
  CHECK(Digest::parse(Hash::md5, "900150983CD24FB0D6963F7D28E17F72")->hex == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(Digest::parse(Hash::md5, "900150983cd24fb0d6963f7d28e17f72")->text() == "md5:900150983cd24fb0d6963f7d28e17f72");
  for (const std::string bad :
       {"", "900150983cd24fb0d6963f7d28e17f7", "../../../../etc/passwd/aaaaaaaaa", "900150983cd24fb0d6963f7d28e17f72 "})
    CHECK(!Digest::parse(Hash::md5, bad));
  CHECK(!Digest::parse(Hash::sha256, std::string(63, 'a')));
  CHECK(!Digest::parse(Hash::sha256, std::string(64, 'g')));
}

TEST_CASE("files") {
  const test::TemporaryDirectory directory;
  const auto path = directory.write("file", "test content\n");
  CHECK(digest_file(path, Hash::git_blob)->hex == "d670460b4b4aece5915caf5c68d12f560a9fe3e4");
  CHECK(digest_file(directory.path() / "none", Hash::sha256).error().code == ErrorCode::not_found);
  Cancellation cancellation;
  cancellation.request();
  CHECK(digest_file(path, Hash::sha256, &cancellation).error().code == ErrorCode::cancelled);
}
