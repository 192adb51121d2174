// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/packed_matrix.hpp>

#include <vector>

#include <ingot/quant/visit.hpp>

#include <doctest/doctest.h>

using namespace ingot::quant;

static_assert(PackedMatrix<Scheme{.bits = 4}>{nullptr, nullptr, 3, 100}.layout().padded_columns() == 128);

TEST_CASE("every weight has bits of its own, and together they fill the quants") {
  for (const Scheme& scheme : shipped) {
    const PackedLayout layout{scheme, 18, 50};
    std::vector<int> bits(layout.quant_bytes(), 0);
    for (std::size_t row = 0; row < layout.panels() * panel_rows; ++row)
      for (std::size_t column = 0; column < layout.padded_columns(); ++column) {
        const std::size_t at = layout.quant_offset(row, column), size = scheme.bits < 8 ? 1 : scheme.bits / 8u;
        const int mask = scheme.bits == 4 ? (layout.high_nibble(column) ? 0xf0 : 0x0f) : 0xff;
        for (std::size_t i = 0; i < size; ++i) {
          REQUIRE(at + i < bits.size());
          REQUIRE((bits[at + i] & mask) == 0);
          bits[at + i] |= mask;
        }
      }
    for (const int byte : bits) REQUIRE(byte == 0xff);
  }
}

TEST_CASE("scales of all groups and their headers fill the scale plane without overlap") {
  for (const Scheme& scheme : shipped) {
    if (!scheme.is_integer()) continue;
    const PackedLayout layout{scheme, 33, 700};
    std::vector<int> owners(layout.scale_bytes(), 0);
    const auto claim = [&](std::size_t at, std::size_t size) {
      REQUIRE(at + size <= owners.size());
      for (std::size_t i = 0; i < size; ++i) ++owners[at + i];
    };
    const bool nested = scheme.scale == Scale::nested;
    const std::size_t parts = scheme.zero == Zero::min ? 2 : 1, width = nested ? 1 : 2;
    for (std::size_t row = 0; row < layout.panels() * panel_rows; ++row)
      for (std::size_t group = 0; group < layout.groups(); ++group)
        for (std::size_t part = 0; part < parts; ++part) {
          claim(layout.scale_offset(row, group) + part * panel_rows * width + row % panel_rows * width, width);
          if (nested && group * scheme.group % nested_columns == 0)
            claim(layout.nested_header_offset(row, group) + part * panel_rows * 2 + row % panel_rows * 2, 2);
          if (nested)
            CHECK(layout.nested_header_offset(row, group) ==
                  layout.nested_header_offset(row, group - group % (nested_columns / scheme.group)));
        }
    for (const int owner : owners) REQUIRE(owner == 1);
  }
}
