// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/protobuf.hpp>

#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
Result<std::vector<ProtoField>> fields(std::string_view message) {
  std::vector<ProtoField> all;
  ProtoReader reader{message};
  while (true) {
    INGOT_TRY(const auto field, reader.next());
    if (!field) return all;
    all.push_back(*field);
  }
}
}  // namespace

TEST_CASE("one field of each wire type") {
  const std::string message{
      "\x08\x96\x01"
      "\x12\x03"
      "abc"
      "\x1d\x00\x00\x80\xBF"
      "\x21\x01\x02\x03\x04\x05\x06\x07\x08"
      "\xF8\xFF\xFF\xFF\x0F\x01",
      28};
  const auto all = fields(message);
  REQUIRE(all);
  REQUIRE(all->size() == 5);
  CHECK(((*all)[0].is_integer(1) && (*all)[0].value == 150));
  CHECK(((*all)[1].is_string(2) && (*all)[1].bytes == "abc"));
  CHECK(((*all)[2].is_float(3) && (*all)[2].as_float() == -1.0f));
  CHECK(((*all)[3].number == 4 && (*all)[3].value == 0x0807060504030201));
  CHECK((*all)[4].is_integer((1u << 29) - 1));
  CHECK((!(*all)[0].is_string(1) && !(*all)[1].is_integer(2) && !(*all)[2].is_float(2)));
}

TEST_CASE("damaged messages are refused") {
  for (const std::string& message :
       {std::string{"\x08"}, std::string{"\x08\xff"}, std::string(12, '\xff'),
        std::string{"\x12\x04"
                    "abc"},
        std::string{"\x1d\x00\x00", 3}, std::string{"\x21\x01"}, std::string{"\x0b"}, std::string{"\x0c"}, std::string{"\x0e"},
        std::string{"\x00\x01", 2}, std::string{"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}}) {
    const auto all = fields(message);
    REQUIRE(!all);
    CHECK(all.error().code == ErrorCode::damaged);
  }
}
