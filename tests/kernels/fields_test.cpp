// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/fields.hpp>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>
#include <ingot/quant/codes.hpp>

#include "fixtures.hpp"

using namespace fixtures;
using Scalar = kernels::isa::scalar;

static_assert(kernels::kernel_scheme({.bits = 4, .group = 64}) == Scheme{.bits = 4, .group = 64},
              "groups of the common widths are constants");
static_assert(kernels::kernel_scheme({.bits = 3, .group = 64}) == kernels::kernel_scheme({.bits = 3, .group = 0, .zero = Zero::min}));
static_assert(kernels::kernel_scheme({.bits = 8, .group = 16}) != kernels::kernel_scheme({.bits = 8, .group = 32}));
static_assert(!kernels::shares_kernels({.bits = 8, .group = 16, .scale = quant::Scale::nested}) && !kernels::shares_kernels(quant::f16));
static_assert(kernels::kernel_scheme({.bits = 4, .group = 64, .sparsity = quant::Sparsity::two_of_four}) ==
              Scheme{.bits = 4, .group = 32, .sparsity = quant::Sparsity::two_of_four});
static_assert(kernels::row_scheme({.bits = 4, .group = 64}) == kernels::row_scheme({.bits = 4, .group = 256}));

namespace {

template <Scheme S>
void check() {
  CAPTURE(to_string(S));
  Random random{3};
  const PackedRandom w{S, 16, 64, random};
  std::vector<std::uint8_t> codes(64);
  for (std::size_t row = 0; row < 16; ++row) {
    quant::load_codes(w.layout, w.quants.data(), row, 0, codes);
    for (std::size_t k = 0; k < codes.size(); ++k) REQUIRE(kernels::code_at<Scalar, S>(w.quants.data() + 4 * row, k) == codes[k]);
    for (std::size_t k = 0; k < codes.size(); k += 16) {
      using F = kernels::Fields<S>;
      const std::byte* unit = w.quants.data() + k / F::columns * F::bytes;
      const kernels::Quads<Scalar, S, 0, 4> all{unit, k % F::columns / 16};
      const kernels::Quads<Scalar, S, 2, 2> rest{unit, k % F::columns / 16};
      for (std::size_t j = 0; j < 4; ++j) {
        REQUIRE(all.template quad<0>().lane[row][j] == codes[k + j]);
        REQUIRE(all.template quad<1>().lane[row][j] == codes[k + 4 + j]);
        REQUIRE(rest.template quad<2>().lane[row][j] == codes[k + 8 + j]);
        REQUIRE(rest.template quad<3>().lane[row][j] == codes[k + 12 + j]);
      }
    }
  }
}

template <Scheme S>
void check_sparse() {
  CAPTURE(to_string(S));
  Random random{5};
  const PackedRandom w{S, 16, 200, random};
  const std::size_t places = w.layout.place_bytes();
  std::vector<std::uint8_t> codes(w.layout.padded_columns());
  for (std::size_t row = 0; row < 16; ++row) {
    quant::load_codes(w.layout, w.quants.data(), row, 0, codes);
    for (std::size_t k = 0; k < codes.size(); ++k)
      REQUIRE(kernels::code_at<Scalar, S>(w.quants.data() + places + 4 * row, k, places) == codes[k]);
  }
}

}  // namespace

TEST_CASE("codes of 2:4 matrices are found in any column") {
  check_sparse<Scheme{.bits = 4, .group = 64, .sparsity = quant::Sparsity::two_of_four}>();
  check_sparse<Scheme{.bits = 8, .group = 0, .sparsity = quant::Sparsity::two_of_four}>();
}

TEST_CASE("fields of every width give the codes that were stored") {
  check<Scheme{.bits = 2, .group = 16}>();
  check<Scheme{.bits = 3, .group = 16}>();
  check<Scheme{.bits = 4, .group = 16}>();
  check<Scheme{.bits = 5, .group = 16}>();
  check<Scheme{.bits = 6, .group = 16}>();
  check<Scheme{.bits = 8, .group = 16}>();
}
