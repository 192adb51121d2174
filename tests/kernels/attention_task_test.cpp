// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/attention_task.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::kernels;

static_assert(kv_index(quant::bf16) == 1 && kv_index({.bits = 4}) == kv_schemes.size());
static_assert(reference_offset(int8_kv, {80, 80}) == 64 * 80 + 128 && reference_floats({33, 8}) == 48);

TEST_CASE("spans cover what a task sees, and no more") {
  for (const std::uint32_t window : {0u, 1u, 100u, 256u, 300u})
    for (const std::uint32_t position : {0u, 255u, 256u, 1000u})
      for (const std::uint32_t rows : {1u, 2u, 300u}) {
        AttentionTask task;
        task.rows = rows, task.position = position, task.window = window;
        const SpanRange spans = spans_of(task);
        const std::uint32_t first = window == 0 || position + 1 < window ? 0 : position + 1 - window, last = position + rows - 1;
        CHECK(spans.first == first / span_positions);
        CHECK(spans.last == last / span_positions + 1);
      }
}

TEST_CASE("every part of a page and of the scratch is aligned for the widest load") {
  for (const std::uint32_t width : {1u, 24u, 64u, 80u, 128u, 256u})
    for (const quant::Scheme& kv : kv_schemes) {
      const HeadShape head{width, width};
      CHECK(key_bytes(kv, head) % 64 == 0);
      CHECK(value_bytes(kv, head) % 64 == 0);
      CHECK(reference_offset(kv, head) % 64 == 0);
      CHECK(PartialLayout{head}.stride() % 16 == 0);
      CHECK(attention_scratch(head) % 16 == 0);
    }
}
