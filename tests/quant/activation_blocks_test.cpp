// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/activation_blocks.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::quant;

TEST_CASE("blocks are read back as they were written") {
  const ActivationBlocks blocks{{"a \"b\"", 32}, {"model.layers.0.mlp.down_proj.weight", 65536}};
  const auto read = read_activation_blocks(to_json(blocks), "f");
  REQUIRE(read);
  CHECK(*read == blocks);
  CHECK(read_activation_blocks(to_json({}), "f")->empty());
}

TEST_CASE("what is no block is refused by name") {
  for (const char* text :
       {"", "{}", "[]", R"({"blocks": 3})", R"({"blocks": {"a": 0}})", R"({"blocks": {"a": 16}})", R"({"blocks": {"a": 48}})",
        R"({"blocks": {"a": 131072}})", R"({"blocks": {"a": -32}})", R"({"blocks": {"a": 32.5}})", R"({"blocks": {"a": "32"}})"}) {
    CAPTURE(text);
    const auto read = read_activation_blocks(text, "file");
    REQUIRE(!read);
    CHECK(read.error().code == ErrorCode::damaged);
    CHECK(read.error().message().find("file") != std::string::npos);
  }
}
