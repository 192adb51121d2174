// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/block_scratch.hpp>

#include <array>
#include <vector>

#include <doctest/doctest.h>

#include "emulated_blocks.hpp"
#include "fixtures.hpp"

using namespace fixtures;

namespace {

/// The part of the second panel from column 64 on.
template <Scheme S>
void check(std::size_t columns) {
  CAPTURE(to_string(S));
  constexpr Scheme kernel = kernels::block_scheme(S);
  constexpr bool has_min = S.zero == Zero::min;
  Random random{8};
  const PackedRandom w{S, 30, columns, random};
  const std::size_t begin = 64, end = w.layout.padded_columns(), group = w.layout.group_columns();
  std::vector<std::array<std::byte, 64>> bytes(round_up(end - begin, 64) / 4);
  kernels::detail::unpack_weights<EmulatedBlocks, kernel>(w.bytes(), 1, begin, end, has_min,
                                                          reinterpret_cast<std::byte(*)[64]>(bytes.data()));
  std::vector<std::array<float, 16>> scales(w.layout.groups()), mins(w.layout.groups());
  kernels::detail::unpack_scales<EmulatedBlocks, kernel>(w.bytes(), 1, 0, w.layout.groups(), has_min,
                                                         reinterpret_cast<float(*)[16]>(scales.data()),
                                                         reinterpret_cast<float(*)[16]>(mins.data()));
  for (std::size_t row = 16; row < 30; ++row)
    for (std::size_t k = begin; k < round_up(end - begin, 64) + begin; ++k) {
      const auto byte = std::to_integer<std::uint8_t>(bytes[(k - begin) / 4][row % 16 * 4 + k % 4]);
      if (k >= end) {
        CHECK(byte == 0);
      } else {
        const double code = static_cast<double>(has_min ? std::int32_t{byte} : std::int32_t{static_cast<std::int8_t>(byte)});
        const double min = has_min ? static_cast<double>(mins[k / group][row % 16]) : 0;
        CHECK(static_cast<double>(scales[k / group][row % 16]) * code + min == doctest::Approx(w.weight(row, k)).epsilon(1e-5));
      }
    }
}

}  // namespace

TEST_CASE("codes of every width and scales of every kind are unpacked") {
  check<Scheme{.bits = 4, .group = 64}>(200);
  check<Scheme{.bits = 4, .group = 0, .zero = Zero::min}>(100);
  check<Scheme{.bits = 8, .group = 0}>(99);
  check<Scheme{.bits = 8, .group = 32, .zero = Zero::min}>(99);
  check<Scheme{.bits = 2, .group = 16}>(99);
  check<Scheme{.bits = 3, .group = 32}>(99);
  check<Scheme{.bits = 5, .group = 16, .zero = Zero::min}>(99);
  check<Scheme{.bits = 6, .group = 0}>(99);
  check<Scheme{.bits = 4, .group = 32, .zero = Zero::min, .scale = quant::Scale::nested}>(300);
  check<Scheme{.bits = 8, .group = 16, .scale = quant::Scale::nested}>(300);
}
