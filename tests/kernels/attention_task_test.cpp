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

TEST_CASE("window, chunk and prefix decide which keys a row sees") {
  AttentionTask task;
  const auto sees = [&task](std::uint32_t position, std::uint32_t begin, std::uint32_t end) {
    const KeyRange keys = keys_seen(task, position);
    return keys.begin == begin && keys.end == end;
  };
  CHECK((sees(0, 0, 1) && sees(700, 0, 701)));
  task.window = 3;
  CHECK((sees(0, 0, 1) && sees(2, 0, 3) && sees(3, 1, 4) && sees(700, 698, 701)));
  task.chunk = 8;
  CHECK((sees(7, 5, 8) && sees(8, 8, 9) && sees(9, 8, 10) && sees(10, 8, 11) && sees(11, 9, 12)));
  task.window = 0;
  CHECK((sees(0, 0, 1) && sees(7, 0, 8) && sees(8, 8, 9) && sees(700, 696, 701)));
  task.position = 700, task.rows = 10;
  CHECK((spans_of(task).first == 2 && spans_of(task).last == 3));
  task.position = 255, task.rows = 2, task.chunk = 256;  // the first row sees all of span 0, the second none of it
  CHECK((sees(255, 0, 256) && sees(256, 256, 257)));
  CHECK((spans_of(task).first == 0 && spans_of(task).last == 2));
  task.prefix = 300;
  CHECK((sees(0, 0, 300) && sees(299, 0, 300) && sees(300, 0, 301)));
  task.position = 0, task.rows = 1;
  CHECK((spans_of(task).first == 0 && spans_of(task).last == 2));
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
