// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/kept_products.hpp>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>
#include <ingot/quant/codes.hpp>

#include "fixtures.hpp"

using namespace fixtures;
using Scalar = kernels::isa::scalar;

namespace {

/// Two panels in two parts, the second from the middle of a line of places on; `total` is added to.
template <std::uint8_t bits, std::size_t tokens, std::size_t strips>
void check() {
  constexpr Scheme S = kernels::kernel_scheme({.bits = bits, .group = 64, .sparsity = quant::Sparsity::two_of_four});
  constexpr kernels::TileShape shape{.tokens = tokens, .strips = strips};
  Random random{4};
  const PackedRandom w{S, 32, 224, random};
  std::vector<std::int8_t> x(tokens * 224);
  for (auto& v : x) v = static_cast<std::int8_t>(static_cast<int>(random.below(255)) - 127);
  const std::byte* words[strips];
  for (std::size_t n = 0; n < strips; ++n) words[n] = w.quants.data() + n * w.layout.panel_quant_bytes();
  kernels::Ops<Scalar>::ints total[tokens][strips];
  for (auto& row : total)
    for (auto& t : row) t = kernels::Ops<Scalar>::broadcast(1000);
  kernels::PlaceReader<Scalar, strips> reader;
  kernels::kept_products<Scalar, S, shape>(total, reader, words, x.data(), 224, 0, 64, w.layout.place_bytes());
  kernels::kept_products<Scalar, S, shape>(total, reader, words, x.data(), 224, 64, 224, w.layout.place_bytes());
  std::vector<std::uint8_t> codes(w.layout.padded_columns());
  for (std::size_t n = 0; n < strips; ++n)
    for (std::size_t row = 0; row < 16; ++row) {
      quant::load_codes(w.layout, words[n], row, 0, codes);
      for (std::size_t m = 0; m < tokens; ++m) {
        std::int32_t expected = 1000;
        for (std::size_t k = 0; k < 224; ++k) expected += (codes[k] - S.zero_point()) * x[m * 224 + k];
        CHECK(total[m][n].lane[row] == expected);
      }
    }
}

}  // namespace

TEST_CASE("products of the kept weights of a group of any width") {
  check<2, 1, 1>();
  check<3, 1, 2>();
  check<4, 1, 1>();
  check<4, 3, 2>();
  check<5, 2, 1>();
  check<6, 1, 2>();
  check<8, 1, 1>();
  check<8, 2, 2>();
}
