// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/packed_matrix.hpp>

#include <vector>

#include <ingot/quant/visit.hpp>

#include <doctest/doctest.h>

using namespace ingot::quant;

static_assert(PackedMatrix<Scheme{.bits = 4}>{nullptr, nullptr, 3, 100}.layout().padded_columns() == 128);

TEST_CASE("every weight has bits of its own, and together they fill the quants") {
  for (const Scheme& scheme : shipped) {
    const PackedLayout whole{scheme, 18, 50}, layout = whole.is_sparse() ? whole.kept() : whole;
    CHECK(whole.quant_bytes() == layout.quant_bytes() + whole.panels() * whole.place_bytes());
    std::vector<int> bits(layout.quant_bytes(), 0);
    for (std::size_t row = 0; row < layout.panels() * panel_rows; ++row)
      for (std::size_t column = 0; column < layout.padded_columns(); ++column) {
        const auto claim = [&](std::size_t at, unsigned width, unsigned shift) {
          const int mask = width < 8 ? ((1 << width) - 1) << shift : 0xff;
          for (std::size_t i = 0; i < (width + 7) / 8; ++i) {
            REQUIRE(at + i < bits.size());
            REQUIRE((bits[at + i] & mask) == 0);
            bits[at + i] |= mask;
          }
        };
        claim(layout.quant_offset(row, column), layout.low_bits(), layout.quant_shift(column));
        if (layout.high_bits() != 0) claim(layout.high_offset(row, column), layout.high_bits(), layout.high_shift(column));
      }
    for (const int byte : bits) REQUIRE(byte == 0xff);
  }
}

TEST_CASE("2:4 reads a third less than dense") {
  for (const std::size_t columns : {576u, 896u, 1536u, 4864u}) {
    const PackedLayout dense{{.bits = 4}, 16, columns}, sparse{{.bits = 4, .sparsity = Sparsity::two_of_four}, 16, columns};
    const auto bytes = [](const PackedLayout& layout) { return static_cast<double>(layout.quant_bytes() + layout.scale_bytes()); };
    CHECK(bytes(dense) > 1.43 * bytes(sparse));
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
    const std::size_t parts = scheme.zero == Zero::min ? 2 : 1;
    const std::size_t width = nested ? 1 : scheme.scale == Scale::single ? 4 : 2;
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
