// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/onnx/proto_fields.hpp: messages taken apart again, by the reader of another room.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/text/protobuf.hpp>

#include <doctest/doctest.h>

namespace ingot::test {

/// All strings and messages of field `number`.
inline std::vector<std::string_view> texts(std::string_view message, std::uint32_t number) {
  text::ProtoReader reader{message};
  std::vector<std::string_view> found;
  for (auto field = reader.next();; field = reader.next()) {
    REQUIRE(field);
    if (!*field) return found;
    if ((*field)->is_string(number)) found.push_back((*field)->bytes);
  }
}
/// All integers of field `number`.
inline std::vector<std::int64_t> numbers(std::string_view message, std::uint32_t number) {
  text::ProtoReader reader{message};
  std::vector<std::int64_t> found;
  for (auto field = reader.next();; field = reader.next()) {
    REQUIRE(field);
    if (!*field) return found;
    if ((*field)->is_integer(number)) found.push_back(static_cast<std::int64_t>((*field)->value));
  }
}

}  // namespace ingot::test
