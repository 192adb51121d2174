// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/step_state.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "model/three_layers.hpp"

using namespace ingot;
using namespace ingot::model;

namespace {

const Config config = test::three_layers();

}  // namespace

TEST_CASE("a batch is cut into blocks of one sequence, and every row finds its page") {
  const SequenceId a{0}, b{1};
  Batch batch;
  const std::vector<std::int32_t> tokens(40, 1);
  batch.add(a, 60, tokens, Batch::Logits::none);
  batch.add(b, 1, std::span{tokens}.first(2), Batch::Logits::none);
  StepState state;
  const StepWidths widths{config};
  state.reserve(widths, batch, 2, true);
  state.place(widths, batch, [](const Run&) { return 0u; });

  CHECK_FALSE(state.replicated);
  REQUIRE(state.sequences.size() == 42);
  CHECK(state.sequences[39] == a);
  CHECK(state.sequences[40] == b);
  REQUIRE(state.segments.size() == 3);  // two pages of a, one of b
  CHECK(state.segments[0].size() == 4);
  CHECK(state.segments[1].size() == 36);
  CHECK(state.segments[2].size() == 2);
  for (std::uint32_t i = 0; i < 42; ++i) CHECK(state.by_page[i] == i);
  CHECK(state.positions.front() == 60);
  CHECK(state.positions.back() == 2);

  std::uint32_t row = 0;
  for (const AttentionBlock& block : state.blocks) {
    CHECK(block.row == row);
    CHECK(block.rows >= 1);
    CHECK(block.rows <= attention_rows);
    CHECK(block.position == state.positions[row]);
    CHECK((block.sequence == a) == (row < 40));
    row += block.rows;
  }
  CHECK(row == 42);
  CHECK(state.query.layout().stride() == 96);
  CHECK(state.key.layout().stride() == 48);
  CHECK(state.gate.layout().stride() == 96);  // as wide as an attention's context
  for (std::uint32_t layer = 0; layer < config.shape.layers; ++layer) CHECK(state.next_task[layer].load() == 0);
}

TEST_CASE("few rows are replicated: a lane has a residual stream of its own; many rows are shared") {
  const StepWidths widths{config};
  StepState state;
  state.reserve(widths, test::batch_of(SequenceId{0}, 0, replicated_rows), 3, true);
  CHECK(state.replicated);
  CHECK(state.lane(0).residual.data() != state.lane(1).residual.data());
  CHECK(state.lane(2).normed.data() != state.lane(1).normed.data());
  CHECK(state.scratch(0) != state.scratch(2));

  state.next_task[1] = 17;
  state.reserve(widths, test::batch_of(SequenceId{0}, 0, replicated_rows + 1), 3, true);
  CHECK_FALSE(state.replicated);
  CHECK(&state.lane(0) == &state.lane(2));
  CHECK(state.scratch(0) != state.scratch(2));
  CHECK(state.next_task[1].load() == 0);
}

TEST_CASE("rows that see later ones are never replicated") {
  const StepWidths widths{config};
  StepState state;
  state.reserve(widths, test::batch_of(SequenceId{0}, 0, 1), 2, false);
  CHECK_FALSE(state.replicated);
}
