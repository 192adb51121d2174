// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/sha256.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <doctest/doctest.h>

using namespace ingot;

namespace {

std::string hex(std::string_view text) { return to_hex(*sha256(std::as_bytes(std::span{text}))); }

}  // namespace

TEST_CASE("the examples of FIPS 180") {
  CHECK(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("pieces and files give the digest of the whole") {
  std::string text(3'000'001, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i >> 3);
  Sha256 digest;
  for (std::size_t at = 0, step = 1; at < text.size(); at += step, step = step * 3 % 70001 + 1)
    digest.update(std::string_view{text}.substr(at, step));
  CHECK(to_hex(*digest.finish()) == hex(text));

  const auto path = std::filesystem::temp_directory_path() / ("ingot-sha256-" + std::to_string(::getpid()));
  std::ofstream{path, std::ios::binary} << text;
  const auto of_file = sha256_file(path);
  Cancellation cancellation;
  cancellation.request();
  const auto cancelled = sha256_file(path, &cancellation);
  std::filesystem::remove(path);
  REQUIRE(of_file);
  CHECK(to_hex(*of_file) == hex(text));
  CHECK(cancelled.error().code == ErrorCode::cancelled);
}

TEST_CASE("files that cannot be read are errors with their name") {
  const auto missing = sha256_file("/nonexistent/file");
  REQUIRE(!missing);
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(missing.error().where == "/nonexistent/file");
  CHECK(sha256_file("/").error().code == ErrorCode::disk);
}
