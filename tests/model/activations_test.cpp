// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/activations.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/kernels/functions.hpp>

using namespace ingot;
using namespace ingot::model;

namespace {

constexpr Shape shape{.hidden = 40, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 24, .intermediate = 70, .vocabulary = 100};
constexpr KvShape kv{.layers = 3, .kv_heads = 2, .head_dim = 24, .scheme = quant::f32};

Batch batch_of(SequenceId sequence, std::uint32_t position, std::size_t rows) {
  Batch batch;
  batch.add(sequence, position, std::vector<std::int32_t>(rows, 1), Batch::Logits::none);
  return batch;
}

}  // namespace

TEST_CASE("rows start on cache lines, are zero at first, and grow") {
  RowBuffer buffer;
  const Rows<float> small = buffer.reserve(3, 17);
  CHECK(small.layout().stride() == 32);
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(reinterpret_cast<std::uintptr_t>(small.row(r)) % 64 == 0);
    for (std::size_t c = 0; c < 32; ++c) CHECK(small.row(r)[c] == 0);
  }
  CHECK(buffer.reserve(2, 17).data() == small.data());
  const Rows<float> large = buffer.reserve(9, 64);
  CHECK(large.layout().stride() == 64);
  large.row(8)[63] = 1;
}

TEST_CASE("codes of a row are where the view says, with its scale and corrections") {
  const kernels::Functions& k = kernels::best_functions();
  RowBuffer rows;
  const Rows<float> x = rows.reserve(3, 40);
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 40; ++c) x.row(r)[c] = (c == 0 ? 127.0f : static_cast<float>(c % 7)) * static_cast<float>(r + 1);
  const kernels::InputForm form = kernels::form_of({{.bits = 4, .group = 32}, 16, 40});
  CodeBuffer buffer;
  buffer.reserve(3, 40);
  buffer.quantize(k, x, {0, 3}, 40, form);
  const kernels::Input view = buffer.view(form, 3);
  CHECK(view.rows == 3);
  CHECK(view.stride == 64);
  CHECK(view.correction_stride == 2);
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(view.scales[r] == doctest::Approx(static_cast<double>(r + 1)));
    std::int32_t sums[2] = {};
    for (std::size_t c = 0; c < 64; ++c) {
      const int code = view.codes[r * view.stride + c];
      CHECK(code == (c == 0 ? 127 : c < 40 ? static_cast<int>(c % 7) : 0));
      sums[c / 32] += code;
    }
    for (std::size_t g = 0; g < 2; ++g) CHECK(view.corrections[r * 2 + g] == -8 * sums[g]);
  }
}

TEST_CASE("a batch is cut into blocks of one sequence, and every row finds its page") {
  KvCache cache{kv, 64 * 10};
  const SequenceId a = cache.create(), b = cache.create();
  REQUIRE(cache.extend(a, 100));
  REQUIRE(cache.extend(b, 3));
  Batch batch;
  const std::vector<std::int32_t> tokens(40, 1);
  batch.add(a, 60, tokens, Batch::Logits::none);
  batch.add(b, 1, std::span{tokens}.first(2), Batch::Logits::none);
  StepState state;
  state.reserve(shape, kv, batch, 2);
  state.place(batch, cache);

  CHECK_FALSE(state.replicated);
  REQUIRE(state.pages.size() == 42);
  for (std::size_t row = 0; row < 4; ++row) CHECK(state.pages[row] == cache.pages(a)[0]);
  for (std::size_t row = 4; row < 40; ++row) CHECK(state.pages[row] == cache.pages(a)[1]);
  CHECK(state.pages[40] == cache.pages(b)[0]);
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
  CHECK(state.gate.layout().stride() == 80);
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer) CHECK(state.next_task[layer].load() == 0);
}

TEST_CASE("few rows are replicated: a lane has a residual stream of its own; many rows are shared") {
  StepState state;
  state.reserve(shape, kv, batch_of(SequenceId{0}, 0, replicated_rows), 3);
  CHECK(state.replicated);
  CHECK(state.lane(0).residual.data() != state.lane(1).residual.data());
  CHECK(state.lane(2).normed.data() != state.lane(1).normed.data());
  CHECK(state.scratch(0) != state.scratch(2));

  state.next_task[1] = 17;
  state.reserve(shape, kv, batch_of(SequenceId{0}, 0, replicated_rows + 1), 3);
  CHECK_FALSE(state.replicated);
  CHECK(&state.lane(0) == &state.lane(2));
  CHECK(state.scratch(0) != state.scratch(2));
  CHECK(state.next_task[1].load() == 0);
}

TEST_CASE("lanes quantize a shared input once a form, each its rows") {
  const kernels::Functions& k = kernels::best_functions();
  struct Backend {};
  const Batch batch = batch_of(SequenceId{0}, 0, 11);
  StepState state;
  state.reserve(shape, kv, batch, 3);
  for (std::size_t r = 0; r < 11; ++r)
    for (std::size_t c = 0; c < 40; ++c) state.lane(0).normed.row(r)[c] = static_cast<float>(r + 1) * (c % 2 == 0 ? 1.0f : -1.0f);
  Team team{3};
  team.run([&](Lane& lane) {
    LanePass<Backend> pass{lane, state, batch};
    pass.feed(pass.normed, 40);
    const kernels::InputForm four = kernels::form_of({{.bits = 4, .group = 32}, 16, 40}),
                             eight = kernels::form_of({{.bits = 8, .group = 0}, 16, 40});
    const kernels::Input first = pass.input(k, four);
    for (std::size_t r = 0; r < 11; ++r) {
      CHECK(first.codes[r * first.stride] == 127);
      CHECK(first.scales[r] * 127 == doctest::Approx(static_cast<double>(r + 1)));
    }
    const std::uint32_t barriers = lane.barriers();
    CHECK(pass.input(k, four).codes == first.codes);
    CHECK(lane.barriers() == barriers);
    const kernels::Input second = pass.input(k, eight);
    CHECK(second.stride == eight.columns);
    for (std::size_t r = 0; r < 11; ++r) CHECK(second.codes[r * second.stride + 1] == -127);
    const kernels::Input floats = pass.input(k, {});
    CHECK(floats.floats == pass.normed.data());
    CHECK(floats.rows == 11);
  });
}
