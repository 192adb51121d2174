// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/field_products.hpp>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>
#include <ingot/quant/codes.hpp>

#include "fixtures.hpp"

using namespace fixtures;
using Scalar = kernels::isa::scalar;

namespace {

/// Two panels, from the middle of a unit on; `total` is added to.
template <std::uint8_t bits, std::size_t tokens, std::size_t strips>
void check() {
  constexpr Scheme S = kernels::kernel_scheme({.bits = bits, .group = 16});
  Random random{4};
  const PackedRandom w{S, 32, 96, random};
  std::vector<std::int8_t> x(tokens * 96);
  for (auto& v : x) v = static_cast<std::int8_t>(random.below(256));
  const std::byte* words[strips];
  for (std::size_t n = 0; n < strips; ++n) words[n] = w.quants.data() + n * w.layout.panel_quant_bytes();
  kernels::Ops<Scalar>::ints total[tokens][strips];
  for (auto& row : total)
    for (auto& t : row) t = kernels::Ops<Scalar>::broadcast(1000);
  kernels::field_products<Scalar, S, kernels::TileShape{.tokens = tokens, .strips = strips}>(total, words, x.data(), 96, 16, 80);
  std::vector<std::uint8_t> codes(96);
  for (std::size_t n = 0; n < strips; ++n)
    for (std::size_t row = 0; row < 16; ++row) {
      quant::load_codes(w.layout, words[n], row, 0, codes);
      for (std::size_t m = 0; m < tokens; ++m) {
        std::int32_t expected = 1000;
        for (std::size_t k = 16; k < 80; ++k) expected += codes[k] * x[m * 96 + k];
        CHECK(total[m][n].lane[row] == expected);
      }
    }
}

}  // namespace

TEST_CASE("products of a group of any width") {
  check<2, 1, 1>();
  check<3, 2, 2>();
  check<4, 1, 2>();
  check<5, 3, 1>();
  check<6, 1, 1>();
  check<8, 2, 1>();
}
