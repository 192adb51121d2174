// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/grouped_codes.hpp>

#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
std::span<const std::byte> bytes(const auto& values) { return std::as_bytes(std::span{values}); }
}  // namespace

TEST_CASE("codes of every width, across the ends of words") {
  for (std::uint8_t bits = 2; bits <= 8; ++bits) {
    std::vector<std::uint32_t> words(2 * 3 * bits);  // [words of 96 codes, 2 columns]
    const auto code = [&](std::size_t line, std::size_t i) {
      return static_cast<std::uint32_t>(i * 7 + line * 3 + 1) & ((1u << bits) - 1);
    };
    for (std::size_t line = 0; line < 2; ++line)
      for (std::size_t i = 0; i < 96; ++i)
        for (std::size_t b = 0; b < bits; ++b) words[(i * bits + b) / 32 * 2 + line] |= (code(line, i) >> b & 1u) << (i * bits + b) % 32;
    const CodePlane plane{.words = bytes(words), .bits = bits, .step = 2, .stride = 1};
    for (std::size_t line = 0; line < 2; ++line)
      for (std::size_t i = 0; i < 96; ++i) REQUIRE(plane(line, i) == code(line, i));
  }
}

TEST_CASE("AWQ has the even codes of a word first") {
  const std::vector<std::uint32_t> words{0x75316420u};
  const CodePlane plane{.words = bytes(words), .interleaved = true};
  for (std::size_t i = 0; i < 8; ++i) CHECK(plane(0, i) == i);
}

TEST_CASE("zero points: none, stored less one, signed; groups in an order of their own") {
  const std::vector<std::uint32_t> words{0xfedcba98u};  // codes 8 to 15
  const std::vector<float> scales{1, 10};
  GroupedParts parts{.form = "test", .rows = 1, .columns = 8, .group = 4, .codes = {.words = bytes(words)}};
  parts.scales = bytes(scales), parts.scale_type = ElementType::f32, parts.scale_group = 1;
  std::vector<float> out(8);
  GroupedCodes{parts}.decode(0, 0, out);
  CHECK(out == std::vector<float>{0, 1, 2, 3, 40, 50, 60, 70});
  const GroupedCodes plain{parts};
  REQUIRE(plain.symmetric_codes() != nullptr);
  CHECK(plain.symmetric_codes()->columns() == 4);

  const std::vector<std::uint32_t> zeros{0x7u, 0xfu};  // [2 groups, words of 1 row]
  parts.zeros = {.words = bytes(zeros), .bits = 4}, parts.zero_bias = 1;
  GroupedCodes{parts}.decode(0, 2, std::span{out}.first(3));
  CHECK(std::vector<float>(out.begin(), out.begin() + 3) == std::vector<float>{2, 3, 120});  // 15 + 1 is 0
  CHECK(GroupedCodes{parts}.symmetric_codes() == nullptr);

  const std::vector<std::int32_t> order{1, 0, 1, 0, 1, 0, 1, 0};
  parts.zeros = {}, parts.order = bytes(order);
  GroupedCodes{parts}.decode(0, 0, out);
  CHECK(out == std::vector<float>{0, 1, 20, 3, 40, 5, 60, 7});
  CHECK(GroupedCodes{parts}.symmetric_codes() == nullptr);

  const std::vector<std::int8_t> signed_zeros{-1, 2};
  parts.order = {}, parts.signed_zeros = bytes(signed_zeros);
  GroupedCodes{parts}.decode(0, 0, out);
  CHECK(out == std::vector<float>{1, 2, 3, 4, 20, 30, 40, 50});
}

TEST_CASE("codes of 2 and 3 bits take the middle of 4, codes of 6 that of 8") {
  const std::vector<std::uint32_t> words{0x1b2u, 0};
  const std::vector<float> scales{0.5f};
  for (const std::uint8_t bits : {std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{6}}) {
    GroupedParts parts{.form = "test", .rows = 1, .columns = 5, .group = 5, .codes = {.words = bytes(words), .bits = bits}};
    parts.scales = bytes(scales), parts.scale_type = ElementType::f32;
    const GroupedCodes values{parts};
    const GroupCodes* codes = values.symmetric_codes();
    REQUIRE(codes != nullptr);
    CHECK(codes->bits() == (bits > 4 ? 8 : 4));
    std::vector<float> out(5);
    std::vector<std::uint8_t> stored(5);
    values.decode(0, 0, out);
    codes->codes(0, 0, stored);
    for (std::size_t i = 0; i < 5; ++i) CHECK(out[i] == 0.5f * static_cast<float>(stored[i] - (1 << (codes->bits() - 1))));
  }
}
