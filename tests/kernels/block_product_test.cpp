// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/block_product.hpp>

#include <vector>

#include <doctest/doctest.h>

#include "emulated_blocks.hpp"
#include "fixtures.hpp"

using namespace fixtures;

namespace {

/// The products of all panels but the first with `tokens` rows, by `multiply`.
template <class Multiply>
std::vector<float> products(const PackedRandom& w, const Activations& x, const kernels::Epilogue& epilogue, Multiply&& multiply) {
  std::vector<float> y(x.rows * (w.layout.rows + 3), 0.5f);
  multiply(w.bytes(), x.input(), y.data(), w.layout.rows + 3, Slice{w.layout.panels() > 1 ? 1u : 0u, w.layout.panels()}, epilogue);
  return y;
}

template <Scheme S>
void emulate(std::size_t rows, std::size_t columns, std::size_t tokens, std::uint32_t block = 0) {
  CAPTURE(to_string(S));
  CAPTURE(columns);
  CAPTURE(tokens);
  Random random{5};
  PackedRandom w{S, rows, columns, random};
  w.input_block = block;
  const Functions& scalar = *kernels::find_functions("scalar");
  const Activations x{scalar, w.layout, random.normals(tokens * columns), block};
  const auto bias = random.normals(rows);
  for (const kernels::Update update : {kernels::Update::store, kernels::Update::add})
    CHECK(products(w, x, {update, bias.data()}, kernels::multiply_blocks<EmulatedBlocks, kernels::block_scheme(S)>) ==
          products(w, x, {update, bias.data()}, scalar.matrix(S)->multiply));
}

}  // namespace

TEST_CASE("block products have the bits of tiles: emulated") {
  emulate<Scheme{.bits = 4, .group = 64}>(40, 600, 17);                       // the last rows overlap; two parts
  emulate<Scheme{.bits = 4, .group = 32, .zero = Zero::min}>(50, 1100, 33);   // three parts
  emulate<Scheme{.bits = 4, .group = 64}>(20, 1500, 16, 1024);                // a block of scales goes on in the next part
  emulate<Scheme{.bits = 4, .group = 256, .zero = Zero::min}>(33, 1100, 16);  // several steps a group
  emulate<Scheme{.bits = 8, .group = 0}>(17, 1003, 18);                       // a group goes on in the next part, which has no whole steps
  emulate<Scheme{.bits = 8, .group = 0}>(17, 5, 18);
  emulate<Scheme{.bits = 4, .group = 0, .zero = Zero::min}>(33, 104, 16);
  emulate<Scheme{.bits = 3, .group = 16}>(33, 100, 19);
  emulate<Scheme{.bits = 5, .group = 0}>(16, 70, 16);
  emulate<Scheme{.bits = 4, .group = 32, .zero = Zero::min, .scale = quant::Scale::nested}>(33, 300, 16);
  emulate<Scheme{.bits = 8, .group = 16, .scale = quant::Scale::nested}>(33, 300, 16);
}

TEST_CASE("block products have the bits of tiles: every shipped scheme, where the CPU has the unit") {
  const Functions* blocks = kernels::find_functions("amx");
  if (blocks == nullptr) {
    MESSAGE("skipped: this CPU or system has no AMX");
    return;
  }
  const Functions& tiles = *kernels::find_functions("avx512vnni");
  Random random{6};
  constexpr std::size_t row_counts[] = {16, 17, 40, 65}, column_counts[] = {4, 60, 64, 300, 513, 1100}, token_counts[] = {16, 17, 47, 300};
  std::size_t turn = 0;
  for (const Scheme& scheme : quant::shipped) {
    if (!scheme.is_integer()) continue;
    for (const std::size_t columns : column_counts)
      for (const std::uint32_t block : {0u, 64u, 1024u}) {
        const std::size_t tokens = token_counts[turn % std::size(token_counts)];
        PackedRandom w{scheme, row_counts[turn++ / 3 % std::size(row_counts)], columns, random};
        w.input_block = block;
        const Activations x{tiles, w.layout, random.normals(tokens * columns), block};
        CAPTURE(to_string(scheme));
        CAPTURE(columns);
        CAPTURE(tokens);
        REQUIRE(products(w, x, {}, blocks->matrix(scheme)->multiply) == products(w, x, {}, tiles.matrix(scheme)->multiply));
      }
  }
}

TEST_CASE("many chunks of rows, several panels at once") {
  emulate<Scheme{.bits = 4, .group = 64}>(64, 128, 515);
  static_assert(kernels::BlockScratch::rows_of(8960) == 112 && kernels::BlockScratch::rows_of(64) == 256 &&
                kernels::BlockScratch::rows_of(1 << 20) == 64 && kernels::BlockScratch::part_of(576) >= 576 &&
                kernels::BlockScratch::part_of(641) == 512);
}
