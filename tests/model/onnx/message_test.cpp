// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <ingot/model/onnx/message.hpp>

using ingot::model::onnx::Message;

TEST_CASE("fields are written as the format has them") {
  CHECK(Message{}.bytes().empty());
  CHECK(Message{}.number(1, 150).bytes() == "\x08\x96\x01");  // the example of the encoding's documentation
  CHECK(Message{}.number(1, 0).bytes() == std::string("\x08\0", 2));
  CHECK(Message{}.number(20, 127).bytes() == "\xa0\x01\x7f");
  CHECK(Message{}.number(1, -1).bytes() == "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  CHECK(Message{}.number(1, std::numeric_limits<std::int64_t>::max()).bytes() == "\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
  CHECK(Message{}.text(2, "testing").bytes() == "\x12\x07testing");
  CHECK(Message{}.text(2, "").bytes() == std::string("\x12\0", 2));
  CHECK(Message{}.real(2, 1.5f).bytes() == std::string("\x15\0\0\xc0\x3f", 5));
  CHECK(Message{}.message(3, Message{}.number(1, 150)).bytes() == "\x1a\x03\x08\x96\x01");
}

TEST_CASE("lengths of more than 127 bytes take two bytes") {
  const std::string text(300, 'x');
  CHECK(Message{}.text(1, text).bytes() == "\x0a\xac\x02" + text);
}
