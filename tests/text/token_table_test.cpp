// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/token_table.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("the stored hash does not change") {  // tokenizer.bin files depend on it
  CHECK(hash_bytes("") == 0);
  CHECK(hash_bytes("a") == 0xd3d7dc3239c19fb1);
  CHECK(hash_bytes("tokenizer") == 0x1b3c26e08f6354da);
}

TEST_CASE("every member is found, nothing else") {
  std::string bytes;
  std::vector<std::uint32_t> offsets{0}, members;
  for (std::uint32_t id = 0; id < 1000; ++id) {
    bytes += std::to_string(id);
    offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    if (id % 3 == 0) members.push_back(id);
  }
  const auto slots = TokenTable::make_slots({offsets, bytes, {}}, members);
  const TokenTable table{offsets, bytes, slots};
  CHECK(table.size() == 1000);
  for (std::uint32_t id = 0; id < 1000; ++id) {
    CHECK(table.text(id) == std::to_string(id));
    CHECK(table.find(std::to_string(id)) == (id % 3 == 0 ? id : no_token));
  }
  CHECK(table.find("") == no_token);
  CHECK(table.text(1000).empty());
}

TEST_CASE("a table without a free slot or with wild ids ends its search") {
  const std::vector<std::uint32_t> offsets{0, 1}, slots{7, 0xFFFF'FFFE, 3, 9};
  const TokenTable table{offsets, "a", slots};
  CHECK(table.find("a") == no_token);
  CHECK(TokenTable{}.find("a") == no_token);
}
