// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/ggml_blocks.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/safetensors.hpp>

using namespace ingot;
using namespace ingot::checkpoint;

TEST_CASE("scale, code and offset give the values that gguf gives") {
  const auto golden = open_safetensors(INGOT_GOLDEN_DIR "/checkpoint/blocks.safetensors");
  REQUIRE(golden);
  int formats = 0;
  for (const ElementTypeInfo& type : element_types) {
    visit_block(type.type, [&]<class Block>() {
      ++formats;
      const auto* stored = *golden->tensors.at(std::string{type.name} + ".stored");
      const auto* values = *golden->tensors.at(std::string{type.name} + ".values");
      REQUIRE(stored->columns() == sizeof(Block));
      for (std::size_t b = 0; b < stored->rows(); ++b) {
        const auto block = load_block<Block>(stored->bytes, b);
        std::array<std::int8_t, Block::size> codes;
        block.unpack(codes);
        const auto [low, high] = std::minmax_element(codes.begin(), codes.end());
        CHECK(*low >= (Block::has_offset ? 0 : -(1 << (Block::bits - 1))));
        CHECK(*high < (Block::has_offset ? 1 << Block::bits : 1 << (Block::bits - 1)));
        for (std::size_t i = 0; i < Block::size; ++i) {
          float value = block.scale(i / Block::group) * codes[i];
          if constexpr (Block::has_offset) value += block.offset(i / Block::group);
          float expected;
          std::memcpy(&expected, values->row(b).data() + i * sizeof expected, sizeof expected);
          REQUIRE(value == expected);
        }
      }
    });
  }
  CHECK(formats == 10);
}

TEST_CASE("two-level scales are products of their parts") {
  std::array<std::byte, sizeof(BlockQ4K)> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37 + 11);
  const auto block = load_block<BlockQ4K>(bytes, 0);
  for (std::size_t g = 0; g < 8; ++g) {
    CHECK(block.scale_code(g) < 64);
    CHECK(block.min_code(g) < 64);
    CHECK(block.scale(g) == to_float(block.d) * block.scale_code(g));
    CHECK(block.offset(g) == -to_float(block.d_min) * block.min_code(g));
  }
}

TEST_CASE("types without a block") {
  CHECK(!visit_block(ElementType::f16, []<class Block>() {}));
  CHECK(!visit_block(ElementType::iq4_nl, []<class Block>() {}));
}
