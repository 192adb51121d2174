// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/feed_forward.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "model/block_step.hpp"
#include "model/three_layers.hpp"

using namespace ingot;
using namespace ingot::model;

namespace {

double silu(double x) { return x / (1 + std::exp(-x)); }

template <FeedForward Kind>
double activated(double gate, double up) {
  if (Kind == FeedForward::plain) return std::max(up, 0.0);
  if (Kind == FeedForward::gated) return silu(gate) * up;
  const double limited = std::min(gate, 0.8);  // OpenAI's gpt-oss: the gate from above, the linear half on both sides
  return limited / (1 + std::exp(-1.3 * limited)) * (std::clamp(up, -0.8, 0.8) + 1);
}

/// The block of `Kind` on steps of each way that lanes take: rows of their own, rows shared, more than a part's panels at a time.
template <FeedForward Kind>
void compare() {
  constexpr Family F{.feed_forward = Kind};
  Config config = test::three_layers();
  config.shape.intermediate = 300;  // 19 panels: more than the 8 that are widened at a time
  config.glu_limit = 0.8f, config.glu_alpha = 1.3f;
  if (Kind == FeedForward::plain) config.activation = Activation::relu;
  test::BlockStep step{config};
  auto& dense = step.weights.layers[0].dense;
  const auto gate = step.fill(dense.gate), up = step.fill(dense.up), down = step.fill(dense.down);
  for (const std::uint32_t lanes : {1u, 2u, 3u})
    for (const std::size_t rows : {std::size_t{1}, std::size_t{3}, std::size_t{13}}) {
      CAPTURE(lanes);
      CAPTURE(rows);
      const auto x = step.rows(rows, 40), before = step.rows(rows, 40);
      auto expected = before;
      for (std::size_t r = 0; r < rows; ++r) {
        const auto g = gate(x[r]), u = up(x[r]);
        test::PlainRow wide(300);
        for (std::size_t i = 0; i < 300; ++i) wide[i] = activated<Kind>(g[i], u[i]);
        const auto y = down(wide);
        for (std::size_t i = 0; i < 40; ++i) expected[r][i] += y[i];
      }
      const SequenceId sequence = step.cache.create();
      step.run(test::batch_of(sequence, 0, rows), lanes, [&](auto& p) {
        step.write(p, p.residual, before);
        step.write(p, p.normed, x);
        p.feed(p.normed, 40);
        feed_forward<F>(p, 0);
        for (std::size_t r = p.mine.begin; r < p.mine.end; ++r) add_pending<F>(p, r, nullptr, nullptr);
      });
      step.cache.release(sequence);
      for (std::uint32_t rank = 0; rank < lanes; ++rank) CHECK(test::distance(step.state.lane(rank).residual, expected) < 1e-5);
    }
}

/// Residual rows after the block of integer matrices: `at_once` rows a step.
template <FeedForward Kind>
std::vector<float> fed(test::BlockStep& step, const test::PlainRows& x, std::size_t at_once, std::uint32_t lanes, bool by_blocks) {
  constexpr Family F{.feed_forward = Kind};
  const std::size_t hidden = step.config.shape.hidden;
  std::vector<float> found;
  for (std::size_t first = 0; first < x.size(); first += at_once) {
    const test::PlainRows part(x.begin() + static_cast<std::ptrdiff_t>(first), x.begin() + static_cast<std::ptrdiff_t>(first + at_once));
    const SequenceId sequence = step.cache.create();
    step.run(test::batch_of(sequence, 0, at_once), lanes, [&](auto& p) {
      step.write(p, p.residual, part);
      step.write(p, p.normed, part);
      p.feed(p.normed, hidden);
      CHECK((block_columns<F>(p, p.weights.layers[0].dense, step.config.shape.intermediate) != 0) == by_blocks);
      feed_forward<F>(p, 0);
      for (std::size_t r = p.mine.begin; r < p.mine.end; ++r) add_pending<F>(p, r, nullptr, nullptr);
    });
    step.cache.release(sequence);
    for (std::size_t r = 0; r < at_once; ++r)
      found.insert(found.end(), step.state.lane(0).residual.row(r), step.state.lane(0).residual.row(r) + hidden);
  }
  return found;
}

template <FeedForward Kind>
void compare_blocks(const Scheme& wide, const Scheme& narrow) {
  CAPTURE(to_string(narrow));
  Config config = test::three_layers();
  config.shape.intermediate = 1000;  // the eighth block of 128 is not full, nor is the last panel
  config.glu_limit = 0.8f, config.glu_alpha = 1.3f;
  test::BlockStep step{config};
  auto& dense = step.weights.layers[0].dense;
  step.fill(dense.gate, wide), step.fill(dense.up, wide), step.fill(dense.down, narrow);
  const auto x = step.rows(36, config.shape.hidden);
  const std::vector<float> few = fed<Kind>(step, x, 3, 1, false);
  CHECK(fed<Kind>(step, x, 36, 1, true) == few);
  CHECK(fed<Kind>(step, x, 18, 2, true) == few);
  CHECK(fed<Kind>(step, x, 18, 9, true) == few);   // one lane has none
  CHECK(fed<Kind>(step, x, 18, 5, false) == few);  // two blocks or one: some lanes would wait
}

}  // namespace

TEST_CASE("many rows, widened and quantized block by block, have the bits of few") {
  compare_blocks<FeedForward::gated>({.bits = 4, .group = 64}, {.bits = 4, .group = 64});
  compare_blocks<FeedForward::gated>({.bits = 8, .group = 32}, {.bits = 8, .group = 32});  // four scales a block
  compare_blocks<FeedForward::plain>({.bits = 4, .group = 32, .zero = Zero::min}, {.bits = 5, .group = 32, .zero = Zero::min});
  compare_blocks<FeedForward::clamped>({.bits = 4, .group = 64}, {.bits = 6, .group = 128});
}

TEST_CASE("a gated feed-forward is W_down (silu(W_gate x) * W_up x)") { compare<FeedForward::gated>(); }

TEST_CASE("a plain feed-forward is W_down relu(W_up x), without a gate") { compare<FeedForward::plain>(); }

TEST_CASE("a clamped feed-forward limits both factors and adds one to the second") { compare<FeedForward::clamped>(); }
