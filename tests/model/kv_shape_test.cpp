// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/kv_shape.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

TEST_CASE("the parts of a group's pages are lines, disjoint, layer by layer and head by head") {
  for (const quant::Scheme& scheme : {quant::f32, quant::bf16})
    for (const std::uint32_t width : {2u, 10u, 64u, 80u}) {
      const KvShape shape{.head = {width, 2 * width}, .scheme = scheme, .layers = {{.kv_heads = 2}, {.kv_heads = 1}, {.kv_heads = 3}}};
      const KvLayout layout{shape};
      std::size_t end = 0;
      for (std::uint32_t layer = 0; layer < shape.layers.size(); ++layer)
        for (std::uint32_t head = 0; head < shape.layers[layer].kv_heads; ++head) {
          CHECK(layout.key_offset(layer, head) == end);
          CHECK(layout.value_offset(layer, head) == end + kernels::key_bytes(scheme, shape.head));
          end = layout.value_offset(layer, head) + kernels::value_bytes(scheme, shape.head);
          CHECK(end % 64 == 0);
          CHECK(end - layout.key_offset(layer, head) == layout.part_bytes());
          end += (group_pages - 1) * layout.part_bytes();  // those of the other pages of the group
        }
      CHECK(layout.planes() == 1);
      CHECK(layout.parts(0) == 6);
      CHECK(group_pages * shape.page_bytes() == end);
      CHECK(shape.page_bytes() >= std::size_t{6} * 3 * 64 * width * (scheme.bits / 8));
    }
  // A real shape in 64 bits: 80 layers of 64 heads of 128.
  const KvShape large{.head = {128, 128}, .scheme = quant::f32, .layers = std::vector<KvLayer>(80, {.kv_heads = 64})};
  CHECK(large.page_bytes() == std::size_t{80} * 64 * 128 * 64 * 2 * 4);
}

TEST_CASE("layers of one window share a plane, plane 0 keeps all positions, states stand in one row") {
  const KvShape shape{.head = {16, 16},
                      .scheme = quant::f32,
                      .layers = {{.kv_heads = 2, .window = 100},
                                 {.kv_heads = 0, .window = 7, .state = 5},  // a window of nothing makes no plane
                                 {.kv_heads = 3},
                                 {.kv_heads = 1, .window = 100, .state = 16},
                                 {.kv_heads = 4, .window = 1},
                                 {.kv_heads = 1},
                                 {.state = 33}}};
  const KvLayout layout{shape};
  REQUIRE(layout.planes() == 3);
  CHECK(layout.window(0) == 0);
  CHECK(layout.window(1) == 100);
  CHECK(layout.window(2) == 1);
  const std::size_t planes[] = {1, 0, 0, 1, 2, 0, 0};
  for (std::uint32_t layer = 0; layer < 7; ++layer) CHECK(layout.plane(layer) == planes[layer]);
  CHECK(layout.parts(0) == 4);
  CHECK(layout.parts(1) == 3);
  CHECK(layout.parts(2) == 4);
  const std::size_t stride = group_pages * layout.part_bytes();
  CHECK(layout.key_offset(0, 1) == stride);
  CHECK(layout.key_offset(3, 0) == 2 * stride);
  CHECK(layout.key_offset(2, 2) == 2 * stride);
  CHECK(layout.key_offset(5, 0) == 3 * stride);
  CHECK(layout.key_offset(4, 3) == 3 * stride);
  CHECK(shape.page_bytes() == 11 * layout.part_bytes());

  CHECK(layout.state_offset(1) == 0);
  CHECK(layout.state_offset(3) == 16);
  CHECK(layout.state_offset(6) == 32);
  CHECK(layout.state_floats() == 80);

  KvShape in_turn = shape;
  in_turn.in_turn = true;
  const KvLayout turns{in_turn};
  CHECK(turns.parts(0) == 3);
  CHECK(turns.parts(1) == 2);
  CHECK(turns.parts(2) == 4);
  CHECK(turns.key_offset(3, 0) == 0);
  CHECK(turns.key_offset(5, 0) == 0);
  CHECK(turns.key_offset(2, 2) == 2 * stride);
  CHECK(turns.state_offset(3) == 16);  // which must be zero when their layer begins
  CHECK(turns.state_floats() == 80);

  const KvLayout none{KvShape{}};
  CHECK(none.planes() == 1);
  CHECK(none.parts(0) == 0);
  CHECK(none.state_floats() == 0);
}

TEST_CASE("a window ends with the query itself") {
  CHECK(first_seen(0, 1000) == 0);
  CHECK(first_seen(1, 0) == 0);
  CHECK(first_seen(1, 5) == 5);
  CHECK(first_seen(4, 2) == 0);
  CHECK(first_seen(4, 3) == 0);
  CHECK(first_seen(4, 4) == 1);
  CHECK(first_seen(~0u, ~0u) == 1);
}
