// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/mxfp4_values.hpp>

#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;

TEST_CASE("every code, the low nibble first, times the power of two of its 32") {
  std::vector<std::byte> nibbles(32), exponents{std::byte{127}, std::byte{129}};
  for (std::size_t i = 0; i < 32; ++i) nibbles[i] = static_cast<std::byte>(i % 8 * 2 | (i % 8 * 2 + 1) << 4);
  const TensorInfo blocks{.name = "b", .type = ElementType::u8, .shape = {1, 2, 16}, .bytes = nibbles, .file = "f"};
  TensorInfo scales{.name = "s", .type = ElementType::u8, .shape = {1, 2}, .bytes = exponents, .file = "f"};
  const auto values = Mxfp4Values::create(blocks, scales);
  REQUIRE(values);
  const std::vector<float> codes{0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6};
  std::vector<float> out(63);
  (*values)->decode(0, 1, out);
  for (std::size_t i = 0; i < out.size(); ++i) CHECK(out[i] == codes[(i + 1) % 16] * (i + 1 < 32 ? 1.0f : 4.0f));

  const GroupCodes* symmetric = (*values)->symmetric_codes();
  REQUIRE(symmetric != nullptr);
  std::vector<std::uint8_t> stored(40);
  symmetric->codes(0, 20, stored);
  for (std::size_t i = 0; i < stored.size(); ++i) CHECK(symmetric->scale(0, 20 + i) * (static_cast<float>(stored[i]) - 128) == out[19 + i]);
  exponents[1] = std::byte{200};  // beyond binary16
  CHECK((*values)->symmetric_codes() == nullptr);
  scales.shape = {2, 1};
  CHECK(!Mxfp4Values::create(blocks, scales));
}
