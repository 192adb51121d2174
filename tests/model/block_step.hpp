// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/block_step.hpp: a step around one block of the decoder: seeded float weights, a cache, rows for all lanes.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/backend.hpp>
#include <ingot/model/cached_heads.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/prompt_context.hpp>
#include <ingot/quant/pack.hpp>

#include <doctest/doctest.h>

namespace ingot::test {

using PlainRow = std::vector<double>;
using PlainRows = std::vector<PlainRow>;  ///< the values are floats

/// A matrix as it was before it was packed: y = W x + b, summed in double.
struct PlainMatrix {
  std::size_t columns = 0;
  std::vector<float> values, bias;

  [[nodiscard]] PlainRow operator()(std::span<const double> x) const {
    REQUIRE(x.size() == columns);
    PlainRow y(bias.begin(), bias.end());
    for (std::size_t r = 0; r < y.size(); ++r)
      for (std::size_t c = 0; c < columns; ++c) y[r] += static_cast<double>(values[r * columns + c]) * x[c];
    return y;
  }
};

/// softmax(scale * query keys^T) values over positions [first, end), with a sink's product beside them.
inline PlainRow plain_attention(std::span<const double> query, const PlainRows& keys, const PlainRows& values, std::size_t first,
                                std::size_t end, double scale, double sink = -std::numeric_limits<double>::infinity()) {
  PlainRow weights, out(values[first].size());
  double total = std::exp(sink);
  for (std::size_t p = first; p < end; ++p) {
    double product = 0;
    for (std::size_t d = 0; d < query.size(); ++d) product += query[d] * keys[p][d];
    weights.push_back(std::exp(scale * product));
    total += weights.back();
  }
  for (std::size_t p = first; p < end; ++p)
    for (std::size_t d = 0; d < out.size(); ++d) out[d] += weights[p - first] / total * values[p][d];
  return out;
}

/// Largest difference of the rows, as a part of the largest expected value.
inline double distance(Rows<float> rows, const PlainRows& expected) {
  double difference = 0, largest = 1e-9;
  for (std::size_t r = 0; r < expected.size(); ++r)
    for (std::size_t c = 0; c < expected[r].size(); ++c) {
      const double value = static_cast<double>(rows.row(r)[c]);
      if (!std::isfinite(value)) return value * value;
      difference = std::max(difference, std::abs(value - expected[r][c]));
      largest = std::max(largest, std::abs(expected[r][c]));
    }
  return difference / largest;
}

/// What a step looks at, made up. Weights that no block of the test reads stay empty.
class BlockStep {
 public:
  using Backend = model::RuntimeBackend;
  using Pass = model::LanePass<Backend>;

  model::Config config;
  Backend backend;
  model::Weights<Backend> weights;
  model::KvCache cache;
  model::StepState state;

  explicit BlockStep(model::Config made, const quant::Scheme& kv = quant::f32)
      : config{std::move(made)},
        backend{config, kernels::best_functions(), kv},
        cache{*kv_shape(config, kv), 1024},
        ropes_{config.ropes.begin(), config.ropes.end()} {
    weights.layers.resize(config.shape.layers);
  }

  /// Fills a matrix of the first layer with random numbers, stored by `scheme`, and its bias.
  template <model::Role R>
  PlainMatrix fill(model::Linear<Backend, R>& linear, const quant::Scheme& scheme = quant::f32) {
    const std::pair<std::uint32_t, std::uint32_t> extents = model::extents(R, config.shape);
    PlainMatrix plain{.columns = extents.second, .values = {}, .bias = {}};
    plain.values = floats(std::size_t{extents.first} * extents.second, 0, 1 / std::sqrt(static_cast<float>(extents.second)));
    plain.bias = floats(extents.first, 0, 0.3f);
    Team team{1};
    auto packed = quant::pack(
        scheme, extents.first, extents.second,
        [&](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
          std::copy_n(plain.values.data() + begin * plain.columns, (end - begin) * plain.columns, out.data());
          return {};
        },
        team);
    REQUIRE(packed);
    matrices_.push_back(*std::move(packed));
    auto bound = backend.bind<R>(matrices_.back().view());
    REQUIRE(bound);
    linear.matrix = *bound;
    linear.bias = vectors_.emplace_back(plain.bias).data();
    return plain;
  }
  /// Random numbers that live as long as this.
  const float* vector(std::size_t size, float mean, float spread) { return vectors_.emplace_back(floats(size, mean, spread)).data(); }
  PlainRows rows(std::size_t count, std::size_t columns) {
    PlainRows rows;
    for (std::size_t r = 0; r < count; ++r) {
      const std::vector<float> row = floats(columns, 0, 1);
      rows.emplace_back(row.begin(), row.end());
    }
    return rows;
  }

  /// Extends the cache by `batch` and calls program(pass) on each of so many lanes.
  template <class Program>
  void run(const model::Batch& batch, std::uint32_t lanes, Program&& program) {
    for (const model::Run& run : batch.runs()) {
      REQUIRE(cache.extend(run.sequence, run.rows));
      for (model::RopeTable& rope : ropes_) rope.extend(run.position + run.rows);
    }
    const model::StepWidths widths{config};
    state.reserve(widths, batch, lanes, true);
    model::place_prompts(config, batch, cache, state.turns);
    state.place(widths, batch, [&](const model::Run& run) { return model::prompt_prefix(config, run, cache); });
    const model::Step<Backend> step{backend, weights, config, ropes_, {}, batch, cache, state};
    Team team{lanes};
    team.run([&](Lane& lane) {
      Pass pass{lane, step};
      program(pass);
    });
    for (const model::Run& run : batch.runs()) cache.settle(run.sequence);
  }
  /// Writes this lane's part of rows that a step has for each lane.
  static void write(Pass& p, Rows<float> to, const PlainRows& from) {
    for (std::size_t r = p.mine.begin; r < p.mine.end; ++r)
      std::transform(from[r].begin(), from[r].end(), to.row(r), [](double x) { return static_cast<float>(x); });
    p.share();
  }
  /// The same for rows that all lanes share, in whatever step.
  static void write_shared(Pass& p, Rows<float> to, const PlainRows& from) {
    for (std::size_t r = 0; p.lane.rank() == 0 && r < from.size(); ++r)
      std::transform(from[r].begin(), from[r].end(), to.row(r), [](double x) { return static_cast<float>(x); });
    p.lane.barrier();
  }

 private:
  std::vector<float> floats(std::size_t size, float mean, float spread) {
    std::normal_distribution<float> normal{mean, spread};
    std::vector<float> values(size);
    for (float& x : values) x = normal(engine_);
    return values;
  }

  std::vector<model::RopeTable> ropes_;
  std::deque<quant::PackedStorage> matrices_;
  std::deque<std::vector<float>> vectors_;
  std::mt19937 engine_{5};
};

}  // namespace ingot::test
