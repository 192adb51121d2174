// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/pack.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <ingot/quant/unpack.hpp>

#include <doctest/doctest.h>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::quant;
using ingot::test::fit_for;
using ingot::test::random_matrix;
using ingot::test::source_of;

namespace {

constexpr std::size_t odd_rows[] = {1, 15, 16, 17, 33}, odd_columns[] = {1, 7, 8, 31, 64, 65, 257};

/// Code of (row, column), found through the index map alone.
int code_at(const MatrixView& m, std::size_t row, std::size_t column) {
  const PackedLayout layout = m.layout();
  const auto bits = [&](std::size_t offset, unsigned shift, unsigned width) {
    return std::to_integer<int>(m.quants[offset]) >> shift & ((1 << width) - 1);
  };
  const int code = bits(layout.quant_offset(row, column), layout.quant_shift(column), layout.low_bits());
  if (layout.high_bits() == 0) return code;
  return code | bits(layout.high_offset(row, column), layout.high_shift(column), layout.high_bits()) << layout.low_bits();
}

}  // namespace

TEST_CASE("every scheme and odd shape unpacks to within half a step") {
  Team team{2};
  for (const Scheme& scheme : shipped) {
    if (scheme.scale == Scale::nested) continue;
    for (const std::size_t rows : odd_rows)
      for (const std::size_t columns : odd_columns) {
        INFO(to_string(scheme), " ", rows, " x ", columns);
        const std::vector<float> weights = fit_for(scheme, random_matrix(rows, columns, 1), columns);
        const auto packed = pack(scheme, rows, columns, source_of(weights, columns), team);
        REQUIRE(packed);
        const MatrixView view = packed->view();
        REQUIRE(view.quants.size() == view.layout().quant_bytes());
        REQUIRE(view.scales.size() == view.layout().scale_bytes());
        std::vector<float> row(columns);
        for (std::size_t r = 0; r < rows; ++r) {
          unpack_row(view, r, row);
          for (std::size_t c = 0; c < columns; ++c) {
            const float w = weights[r * columns + c];
            const float step = scheme.is_integer() ? std::abs(group_factors(view, r, c / view.layout().group_columns()).scale) : 0;
            const float bound = scheme.is_integer()                ? step * (scheme.bits <= 3 && scheme.zero == Zero::none ? 1.005f : 0.5f)
                                : scheme.bits == 32                ? 0.0f
                                : scheme.element == Element::brain ? std::abs(w) * 0x1p-8f
                                                                   : std::abs(w) * 0x1p-11f + 0x1p-25f;
            REQUIRE(std::abs(row[c] - w) <= bound + (scheme.is_integer() ? 1e-6f : 0.0f));
          }
        }
      }
  }
}

TEST_CASE("codes, scales and padding lie where the layout says") {
  Team team{1};
  const std::vector<float> weights = random_matrix(17, 70, 2);
  for (const Scheme& scheme :
       {Scheme{.bits = 4, .group = 32}, Scheme{.bits = 8, .group = 64, .zero = Zero::min}, Scheme{.bits = 4, .group = 0},
        Scheme{.bits = 3, .group = 16}, Scheme{.bits = 6, .group = 32, .zero = Zero::min},
        Scheme{.bits = 5, .group = 32, .zero = Zero::min, .scale = Scale::single}}) {
    const auto packed = pack(scheme, 17, 70, source_of(weights, 70), team);
    REQUIRE(packed);
    const MatrixView view = packed->view();
    const PackedLayout layout = view.layout();
    const std::size_t group = layout.group_columns();
    for (std::size_t r = 0; r < 32; ++r)
      for (std::size_t g = 0; g < layout.groups(); ++g) {
        const std::byte* at = view.scales.data() + layout.scale_offset(r, g);
        const auto stored = [&](std::size_t place) {
          ingot::f16 half;
          float single;
          std::memcpy(&half, at + place * 2, 2);
          if (scheme.scale == Scale::half) return to_float(half);
          std::memcpy(&single, at + place * 4, 4);
          return single;
        };
        const float scale = stored(r % 16), min = scheme.zero == Zero::min ? stored(16 + r % 16) : 0;
        if (r >= 17) {
          CHECK(scale == 0);
          CHECK(min == 0);
        }
        std::vector<std::uint8_t> codes(g < layout.filled_groups() ? std::min(group, 70 - g * group) : 0);
        GroupScale expected;
        if (r < 17 && !codes.empty()) expected = encode_group(scheme, std::span{weights}.subspan(r * 70 + g * group, codes.size()), codes);
        CHECK(scale == expected.scale);
        CHECK(min == expected.min);
        for (std::size_t c = 0; c < group; ++c) {
          const int code = r < 17 && c < codes.size() ? codes[c] : scheme.zero_point();
          REQUIRE(code_at(view, r, g * group + c) == code);
        }
      }
  }
}

TEST_CASE("slices and lanes change no byte, and stale bytes are overwritten") {
  Team one{1}, many{5};
  for (const Scheme& scheme : shipped) {
    if (scheme.scale == Scale::nested) continue;
    const std::vector<float> weights = fit_for(scheme, random_matrix(83, 100, 3), 100);
    const auto whole = pack(scheme, 83, 100, source_of(weights, 100), one);
    const auto shared = pack(scheme, 83, 100, source_of(weights, 100), many);
    REQUIRE(whole);
    REQUIRE(shared);
    const MatrixView a = whole->view(), b = shared->view();
    CHECK(std::memcmp(a.quants.data(), b.quants.data(), a.quants.size()) == 0);
    CHECK((a.scales.empty() || std::memcmp(a.scales.data(), b.scales.data(), a.scales.size()) == 0));

    const PackedLayout layout = a.layout();
    std::vector<std::byte> quants(2 * layout.panel_quant_bytes(), std::byte{0xff}), scales(2 * layout.panel_scale_bytes(), std::byte{0xff});
    REQUIRE(pack(layout, source_of(weights, 100), {4, 6}, quants, scales));
    CHECK(std::equal(quants.begin(), quants.end(), a.quants.begin() + static_cast<std::ptrdiff_t>(4 * layout.panel_quant_bytes())));
    CHECK(std::equal(scales.begin(), scales.end(), a.scales.begin() + static_cast<std::ptrdiff_t>(4 * layout.panel_scale_bytes())));
  }
}

TEST_CASE("weights no scheme can hold are refused with their row") {
  Team team{2};
  for (const Scheme& scheme : shipped) {
    if (scheme.scale == Scale::nested) continue;
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
      std::vector<float> weights = fit_for(scheme, random_matrix(40, 9, 4), 9);
      weights[37 * 9 + 8] = bad;
      const auto packed = pack(scheme, 40, 9, source_of(weights, 9), team);
      REQUIRE(!packed);
      CHECK(packed.error().code == ErrorCode::damaged);
      CHECK(packed.error().where == "row 37");
    }
    std::vector<float> weights = fit_for(scheme, random_matrix(40, 9, 4), 9);
    weights[20 * 9 + 8] = -3.4e38f;  // finite, but beyond scales of binary16 and, rounded, beyond bfloat16
    const auto packed = pack(scheme, 40, 9, source_of(weights, 9), team);
    if (scheme == quant::f32 || scheme.scale == Scale::single) {
      CHECK(packed);
    } else {
      REQUIRE(!packed);
      CHECK(packed.error().code == ErrorCode::unsupported);
      CHECK(packed.error().where == "row 20");
    }
  }
}

TEST_CASE("a 2:4 scheme takes no more than two of four weights, and gives exact zeros") {
  Team team{2};
  constexpr Scheme scheme{.bits = 4, .group = 32, .sparsity = Sparsity::two_of_four};
  std::vector<float> weights = fit_for(scheme, random_matrix(20, 70, 5), 70);
  const auto packed = pack(scheme, 20, 70, source_of(weights, 70), team);
  REQUIRE(packed);
  std::vector<float> row(70);
  for (std::size_t r = 0; r < 20; ++r) {
    unpack_row(packed->view(), r, row);
    for (std::size_t c = 0; c < 70; ++c)
      if (weights[r * 70 + c] == 0) REQUIRE(row[c] == 0);
  }
  weights[18 * 70 + 8] = weights[18 * 70 + 9] = weights[18 * 70 + 11] = 0.1f;
  const auto refused = pack(scheme, 20, 70, source_of(weights, 70), team);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().where == "row 18");
}

TEST_CASE("an error of the source ends the packing; the first rows win") {
  Team team{3};
  const RowSource failing = [](std::size_t begin, std::size_t, std::span<float> out) -> Status {
    std::fill(out.begin(), out.end(), 1.0f);
    if (begin >= 32) return Error{ErrorCode::cancelled, "cancelled", std::to_string(begin), {}};
    return {};
  };
  const auto packed = pack({.bits = 8}, 300, 20, failing, team);
  REQUIRE(!packed);
  CHECK(packed.error().code == ErrorCode::cancelled);
  CHECK(packed.error().where == "32");
}

TEST_CASE("sizes from outside are checked before anything is allocated") {
  Team team{1};
  const RowSource never = [](std::size_t, std::size_t, std::span<float>) -> Status { return Error{}; };
  constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
  for (const auto& [rows, columns] : {std::pair{huge, huge},
                                      {huge, std::size_t{1}},
                                      {std::size_t{1}, huge},
                                      {std::size_t{1} << 33, std::size_t{1} << 33},
                                      {std::size_t{1} << 30, std::size_t{1} << 30},
                                      {std::size_t{0}, std::size_t{4}},
                                      {std::size_t{4}, std::size_t{0}}}) {
    const auto packed = pack({.bits = 4}, rows, columns, never, team);
    REQUIRE(!packed);
    CHECK(packed.error().code == ErrorCode::damaged);
  }
  CHECK(pack({.bits = 7}, 1, 1, never, team).error().code == ErrorCode::unsupported);
  CHECK(pack(quant::detail::nested_schemes[0], 1, 256, never, team).error().code == ErrorCode::unsupported);
}
