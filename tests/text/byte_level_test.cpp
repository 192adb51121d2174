// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/byte_level.hpp>

#include <set>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("256 characters for 256 bytes, and back") {
  std::set<char16_t> seen;
  std::string raw, spelled, back;
  for (unsigned byte = 0; byte < 256; ++byte) {
    seen.insert(byte_level::characters[byte]);
    raw.push_back(static_cast<char>(byte));
  }
  CHECK(seen.size() == 256);
  byte_level::append_encoded(spelled, raw);
  byte_level::append_decoded(back, spelled);
  CHECK(back == raw);
}

TEST_CASE("known spellings") {
  std::string out;
  byte_level::append_encoded(out, " a\n\xc3\xa9");
  CHECK(out == "\u0120a\u010a\u00c3\u00a9");
}

TEST_CASE("a token with a character outside the alphabet counts as its own text") {
  std::string out = "x";
  byte_level::append_decoded(out, "\u0120a \u4f60");
  CHECK(out == "x\u0120a \u4f60");
  out.clear();
  byte_level::append_decoded(out, "a b");  // the blank is not in the alphabet
  CHECK(out == "a b");
}

TEST_CASE("long runs of white space, and what only looks like one") {
  std::string raw(33, '\n'), spelled, out;
  byte_level::append_encoded(spelled, raw);
  byte_level::append_decoded(out, spelled);
  CHECK(out == raw);
  for (const std::string_view last : {"a", "\x7f", "\xff", " "}) {
    const std::string mixed = raw + std::string{last};
    spelled.clear(), out.clear();
    byte_level::append_encoded(spelled, mixed);
    byte_level::append_decoded(out, spelled);
    CHECK(out == mixed);
  }
  const std::string other = spelled + "\u4f60";
  out = "x";
  byte_level::append_decoded(out, other);
  CHECK(out == "x" + other);
}
