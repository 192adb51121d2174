// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/base64.hpp>

#include <doctest/doctest.h>

using ingot::text::decode_base64;

TEST_CASE("bytes of every remainder") {
  CHECK(decode_base64("") == "");
  CHECK(decode_base64("YQ==") == "a");
  CHECK(decode_base64("YWI=") == "ab");
  CHECK(decode_base64("YWJj") == "abc");
  CHECK(decode_base64("AP/+/w==") == std::string{"\0\xff\xfe\xff", 4});
}

TEST_CASE("malformed text is refused") {
  for (const char* text : {"Y", "YQ", "YQ=", "Y===", "====", "YQ==YQ==", "Y Q=", "YR==", "YWK=", "Y-Q=", "=YQ="})
    CHECK(!decode_base64(text));
}
