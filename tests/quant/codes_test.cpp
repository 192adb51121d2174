// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/codes.hpp>

#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::quant;

TEST_CASE("codes of every width come back, and lie where the index map says") {
  std::mt19937 random{1};
  for (const std::uint8_t bits : {2, 3, 4, 5, 6, 8})
    for (const std::uint16_t group : {16, 64, 0}) {
      const PackedLayout layout{{.bits = bits, .group = group}, 16, 70};
      const std::size_t columns = layout.padded_columns();
      std::vector<std::uint8_t> codes(16 * columns);
      for (auto& code : codes) code = static_cast<std::uint8_t>(random() >> (32 - bits));
      std::vector<std::byte> quants(layout.panel_quant_bytes(), std::byte{0xff});
      store_codes(layout, codes, quants.data());
      const auto bits_at = [&](std::size_t at, unsigned shift, unsigned width) {
        return std::to_integer<unsigned>(quants[at]) >> shift & ((1u << width) - 1);
      };
      for (std::size_t row = 0; row < 16; ++row) {
        const std::uint8_t* expected = codes.data() + row * columns;
        for (std::size_t c = 0; c < columns; ++c) {
          unsigned code = bits_at(layout.quant_offset(row, c), layout.quant_shift(c), layout.low_bits());
          if (layout.high_bits() != 0)
            code |= bits_at(layout.high_offset(row, c), layout.high_shift(c), layout.high_bits()) << layout.low_bits();
          REQUIRE(code == expected[c]);
        }
        for (const std::size_t first : {std::size_t{0}, layout.unit_columns()}) {
          std::vector<std::uint8_t> loaded(columns - first, 0xee);
          load_codes(layout, quants.data(), row, first, loaded);
          REQUIRE(std::equal(loaded.begin(), loaded.end(), expected + first));
        }
      }
    }
}

TEST_CASE("codes of a 2:4 matrix come back; whatever bytes stand there, two of four at most are not zero") {
  std::mt19937 random{2};
  for (const std::uint8_t bits : {2, 3, 4, 5, 6, 8})
    for (const std::uint16_t group : {32, 64, 0}) {
      const PackedLayout layout{{.bits = bits, .group = group, .sparsity = Sparsity::two_of_four}, 16, 150};
      const std::size_t columns = layout.padded_columns();
      const auto zero = static_cast<std::uint8_t>(layout.scheme.zero_point());
      std::vector<std::uint8_t> codes(16 * columns, zero), loaded(columns);
      for (std::size_t i = 0; i < codes.size(); i += 4)
        for (int turn = 0; turn < 2; ++turn) codes[i + random() % 4] = static_cast<std::uint8_t>(random() >> (32 - bits));
      std::vector<std::byte> quants(layout.panel_quant_bytes(), std::byte{0xff});
      store_codes(layout, codes, quants.data());
      for (std::size_t row = 0; row < 16; ++row)
        for (const std::size_t first : {std::size_t{0}, layout.unit_columns()}) {
          loaded.assign(columns - first, 0xee);
          load_codes(layout, quants.data(), row, first, loaded);
          REQUIRE(std::equal(loaded.begin(), loaded.end(), codes.data() + row * columns + first));
        }
      for (std::byte& b : quants) b = static_cast<std::byte>(random());
      loaded.assign(columns, 0xee);
      for (std::size_t row = 0; row < 16; ++row) {
        load_codes(layout, quants.data(), row, 0, loaded);
        CHECK(is_two_of_four(loaded, zero));
        for (const std::uint8_t code : loaded) CHECK(code < 1 << bits);
      }
    }
  const std::vector<std::uint8_t> three{8, 8, 8, 8, 1, 2, 3, 8};
  CHECK(!is_two_of_four(three, 8));
}

TEST_CASE("bytes placed by hand: 3 bits are a line of single bits and two of pairs, 6 a line of pairs and two of nibbles") {
  std::vector<std::byte> three(3 * 64), six(3 * 64);
  three[4 * 2 + 1] = std::byte{1 << 5};         // row 2: the highest bit of column 5 * 4 + 1
  three[64 + 64 + 4 * 2 + 1] = std::byte{0x8};  // bits of value 2 of column 16 + 4 + 1
  std::vector<std::uint8_t> codes(32);
  load_codes({{.bits = 3, .group = 32}, 16, 32}, three.data(), 2, 0, codes);
  for (std::size_t c = 0; c < codes.size(); ++c) CHECK(codes[c] == (c == 21 ? 6 : 0));
  six[4 * 15 + 3] = std::byte{0xc0};            // row 15: 3 of column 12 + 3
  six[64 + 64 + 4 * 15 + 3] = std::byte{0x90};  // 9 of the same column: high nibble of the second line
  codes.resize(16);
  load_codes({{.bits = 6, .group = 16}, 16, 16}, six.data(), 15, 0, codes);
  for (std::size_t c = 0; c < codes.size(); ++c) CHECK(codes[c] == (c == 15 ? 57 : 0));
}
