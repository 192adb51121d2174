// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/page_product.hpp>

#include <vector>

#include <doctest/doctest.h>

#include <ingot/kernels/attention_task.hpp>

#include "emulated_blocks.hpp"
#include "fixtures.hpp"

using namespace fixtures;
using kernels::int8_kv;
using kernels::Update;
namespace detail = kernels::detail;

namespace {

/// A page of `outputs` rows by blocks and by tiles, of which `panels` are asked for.
void compare(std::size_t outputs, std::size_t columns, std::size_t tokens, Slice panels) {
  CAPTURE(outputs);
  CAPTURE(columns);
  CAPTURE(tokens);
  Random random{9};
  const PackedRandom page{int8_kv, outputs, columns, random};
  const Activations x{*kernels::find_functions("scalar"), page.layout, random.normals(tokens * columns)};
  const std::size_t stride = outputs + 5;
  for (const Update update : {Update::store, Update::add}) {
    std::vector<float> blocks(tokens * stride, 0.5f), tiles = blocks;
    const detail::PageRegisters<EmulatedBlocks> registers{detail::takes_blocks<EmulatedBlocks, int8_kv>(tokens, columns)};
    detail::multiply_page<EmulatedBlocks, int8_kv>(page.bytes(), x.input(), columns, blocks.data(), stride, panels, {update});
    kernels::multiply_integers<kernels::isa::scalar, int8_kv, kernels::PageTiles>(page.bytes(), x.input(), tiles.data(), stride, panels,
                                                                                  {update});
    CHECK(blocks == tiles);
  }
}

}  // namespace

TEST_CASE("blocks are for many rows of int8 pages that are whole blocks wide, and for units that multiply them") {
  CHECK(detail::takes_blocks<EmulatedBlocks, int8_kv>(16, 64));
  CHECK_FALSE(detail::takes_blocks<EmulatedBlocks, int8_kv>(15, 64));
  CHECK_FALSE(detail::takes_blocks<EmulatedBlocks, int8_kv>(16, 80));
  CHECK_FALSE(detail::takes_blocks<EmulatedBlocks, quant::bf16>(16, 64));
  CHECK_FALSE(detail::takes_blocks<kernels::isa::scalar, int8_kv>(16, 64));
}

TEST_CASE("products of a page in blocks have the bits of tiles") {
  compare(64, 64, 48, {0, 4});   // keys of a head of 64
  compare(64, 128, 17, {0, 3});  // of 128, the last rows overlap, a page that is not full
  compare(64, 256, 16, {0, 1});
  compare(80, 64, 33, {0, 5});  // values of a head of 80: more panels than are multiplied at once
  compare(72, 64, 20, {0, 5});  // the last panel is not full
  compare(64, 64, 9, {0, 4});   // too few rows
  compare(64, 80, 20, {0, 4});  // too narrow
}
