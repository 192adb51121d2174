// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/message_digest.hpp>

#include <array>

#include <doctest/doctest.h>

using namespace ingot;

TEST_CASE("any algorithm of libcrypto, into a span of its length") {
  MessageDigest digest{EVP_md5()};
  digest.update("ab");
  digest.update("c");
  std::array<std::uint8_t, 16> bytes{};
  REQUIRE(digest.finish(bytes));
  CHECK(to_hex(bytes) == "900150983cd24fb0d6963f7d28e17f72");
}

TEST_CASE("a span of another length and a missing algorithm are errors") {
  std::array<std::uint8_t, 20> bytes{};
  CHECK(!MessageDigest{EVP_md5()}.finish(bytes));
  CHECK(!MessageDigest{nullptr}.finish(std::span{bytes}.first(16)));
  CHECK(MessageDigest{EVP_sha1()}.finish(bytes));
}
