// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/residual.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <doctest/doctest.h>

#include "model/block_step.hpp"
#include "model/three_layers.hpp"

using namespace ingot;
using namespace ingot::model;

namespace {

constexpr std::size_t hidden = 40;

test::PlainRow normed(Norm kind, const NormWeights& norm, const test::PlainRow& x, double eps) {
  double mean = 0, squares = 0;
  for (const double v : x) mean += kind == Norm::layer ? v / hidden : 0;
  for (const double v : x) squares += (v - mean) * (v - mean) / hidden;
  test::PlainRow y(hidden);
  for (std::size_t i = 0; i < hidden; ++i) {
    y[i] = (x[i] - mean) / std::sqrt(squares + eps) * static_cast<double>(norm.weight[i]);
    if (kind == Norm::layer) y[i] += static_cast<double>(norm.bias[i]);
  }
  return y;
}

/// norm -> block -> norm -> block -> norm, both blocks a matrix, as the decoder runs them.
template <Family F>
void compare(float residual_scale, float stream_scale) {
  Config config = test::three_layers();
  config.norm_eps = 0.01f, config.residual_scale = residual_scale, config.stream_scale = stream_scale;
  test::BlockStep step{config};
  auto &first = step.weights.layers[0].convolution.output, &second = step.weights.layers[1].convolution.output;  // [hidden, hidden]
  const auto one = step.fill(first), two = step.fill(second);
  const auto make_norm = [&] { return NormWeights{step.vector(hidden, 1, 0.2f), step.vector(hidden, 0, 0.2f)}; };
  const NormWeights before = make_norm(), between = make_norm(), last = make_norm(), behind_one = make_norm(), behind_two = make_norm();
  const auto norm = [&](const NormWeights& w, const test::PlainRow& x) {
    return normed(F.norm, w, x, static_cast<double>(config.norm_eps));
  };

  for (const std::uint32_t lanes : {1u, 2u, 3u})
    for (const std::size_t rows : {std::size_t{1}, std::size_t{4}, std::size_t{11}}) {
      CAPTURE(lanes);
      CAPTURE(rows);
      const auto x = step.rows(rows, hidden);
      test::PlainRows stream = x, output(rows);
      for (std::size_t r = 0; r < rows; ++r) {
        auto& s = stream[r];
        auto n = norm(before, s);
        const auto add = [&](test::PlainRow y, const NormWeights& behind) {
          if (F.residual == Residual::sandwich) y = norm(behind, y);
          if (F.residual == Residual::post)
            for (std::size_t i = 0; i < hidden; ++i) s[i] = static_cast<double>(stream_scale) * n[i];
          for (std::size_t i = 0; i < hidden; ++i) s[i] += static_cast<double>(residual_scale) * y[i];
        };
        add(one(n), behind_one);
        if (F.residual != Residual::parallel) n = norm(between, s);
        add(two(n), behind_two);
        output[r] = norm(last, s);
        if (F.residual == Residual::post)
          for (std::size_t i = 0; i < hidden; ++i) s[i] = static_cast<double>(stream_scale) * output[r][i];
      }
      const SequenceId sequence = step.cache.create();
      step.run(test::batch_of(sequence, 0, rows), lanes, [&](auto& p) {
        step.write(p, p.residual, x);
        normalize<F>(p, before, nullptr);
        add_to_residual<F>(p, first);
        p.lane.barrier();
        if (F.residual == Residual::parallel)
          p.feed(p.normed, hidden);
        else
          normalize<F>(p, between, &behind_one);
        p.lane.barrier();  // as in every block, between its first product and its last
        add_to_residual<F>(p, second);
        p.lane.barrier();
        normalize<F>(p, last, &behind_two);
      });
      step.cache.release(sequence);
      for (std::uint32_t rank = 0; rank < lanes; ++rank) {
        CHECK(test::distance(step.state.lane(rank).residual, stream) < 1e-5);
        CHECK(test::distance(step.state.lane(rank).normed, output) < 1e-5);
      }
    }
}

}  // namespace

TEST_CASE("blocks add their output to the stream that they read through a norm") {
  compare<Family{}>(1, 1);
  compare<Family{}>(0.3f, 1);
  compare<Family{.norm = Norm::layer}>(1, 1);
}

TEST_CASE("a sandwich norms a block's output, too") {
  compare<Family{.residual = Residual::sandwich}>(1, 1);
  compare<Family{.norm = Norm::layer, .residual = Residual::sandwich}>(0.3f, 1);
}

TEST_CASE("parallel blocks read the same norm") { compare<Family{.norm = Norm::layer, .residual = Residual::parallel}>(1, 1); }

TEST_CASE("a stream that is its own norm, scaled") {
  compare<Family{.norm = Norm::layer, .residual = Residual::post}>(1, 1);
  compare<Family{.residual = Residual::post}>(0.7f, 1.9f);
}

TEST_CASE("an output is kept aside where a lane has the stream to itself or more than the output is added") {
  constexpr Family pre{}, parallel{.residual = Residual::parallel};
  for (const float scale : {1.0f, 0.5f})
    for (const std::size_t rows : {std::size_t{1}, std::size_t{9}}) {
      Config config = test::three_layers();
      config.residual_scale = scale;
      test::BlockStep step{config};
      step.run(test::batch_of(step.cache.create(), 0, rows), 2, [&](auto& p) {
        CHECK(adds_later<pre>(p) == (rows == 1 || scale != 1));
        CHECK(adds_later<parallel>(p));
      });
    }
}
