// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/cached_attention.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "model/block_step.hpp"
#include "model/three_layers.hpp"

using namespace ingot;
using namespace ingot::model;

namespace {

/// Makes heads ready by a factor, so that one which is turned twice, or not at all, is seen.
struct Turn {
  std::size_t width;
  static double query_factor(std::size_t row, std::uint32_t head) { return 1 + 0.25 * head + 0.125 * static_cast<double>(row % 3); }
  static double key_factor(std::uint32_t kv_head) { return 1.5 - 0.5 * kv_head; }
  void query(std::size_t row, std::uint32_t head, float* values) const { scale(values, query_factor(row, head)); }
  void key(std::size_t, std::uint32_t kv_head, float* values) const { scale(values, key_factor(kv_head)); }
  void scale(float* values, double factor) const {
    std::transform(values, values + width, values, [&](float x) { return x * static_cast<float>(factor); });
  }
};

/// What the sequences of one layer have in the cache, a list of rows for each KV head.
struct Attended {
  test::BlockStep step;
  std::uint32_t layer;
  const float* sinks;
  CachedHeads heads = cached_heads(step.config, layer);
  kernels::HeadShape head = step.cache.shape().head;
  std::map<std::pair<SequenceId, std::uint32_t>, test::PlainRows> keys = {}, values = {};

  [[nodiscard]] std::size_t first_seen(std::size_t position) const {
    const Layer& l = step.config.layers[layer];
    if (l.chunk != 0) return position / l.chunk * l.chunk;
    return l.window != 0 && position + 1 > l.window ? position + 1 - l.window : 0;
  }
  static std::span<const double> part(const test::PlainRow& row, std::size_t index, std::size_t width) {
    return std::span{row}.subspan(index * width, width);
  }

  /// Attends `batch` in the layer and returns the distance of all lanes' results from the definition.
  double compare(const Batch& batch, std::uint32_t lanes, bool own_heads = false) {
    const std::uint32_t query_heads = heads.tasks() * heads.group, group = heads.group * heads.parts;
    const auto q = step.rows(batch.rows(), query_heads * head.key), k = step.rows(batch.rows(), heads.kv_heads * head.key),
               v = step.rows(batch.rows(), heads.kv_heads * head.value);
    const float scale = 0.4f / std::sqrt(static_cast<float>(head.key));
    test::PlainRows expected(batch.rows());
    for (const Run& run : batch.runs())
      for (std::uint32_t r = run.row; r < run.row + run.rows; ++r) {
        for (std::uint32_t h = 0; h < heads.kv_heads; ++h) {
          const auto key = part(k[r], h, head.key), value = part(v[r], h, head.value);
          keys[{run.sequence, h}].emplace_back(key.begin(), key.end());
          for (double& x : keys[{run.sequence, h}].back()) x *= Turn::key_factor(h);
          values[{run.sequence, h}].emplace_back(value.begin(), value.end());
        }
        const std::size_t position = run.position + (r - run.row);
        for (std::uint32_t h = 0; h < query_heads; ++h) {
          const std::pair at{run.sequence, h / group};
          const double sink = sinks == nullptr ? -std::numeric_limits<double>::infinity() : static_cast<double>(sinks[h]);
          const auto context = test::plain_attention(part(q[r], h, head.key), keys[at], values[at], first_seen(position), position + 1,
                                                     static_cast<double>(scale) * Turn::query_factor(r, h), sink);
          expected[r].insert(expected[r].end(), context.begin(), context.end());
        }
      }
    std::vector<Rows<float>> results(lanes);
    step.run(batch, lanes, [&](auto& p) {
      step.write_shared(p, step.state.query, q);
      step.write_shared(p, step.state.key, k);
      step.write_shared(p, step.state.value, v);
      const CachedAttention<Turn> told{.layer = layer, .heads = heads, .scale = scale, .sinks = sinks, .turn = {head.key}};
      results[p.lane.rank()] = attend_cached(p, told, own_heads ? p.lane.slice(heads.kv_heads) : Slice{});
    });
    double worst = 0;
    for (const Rows<float>& rows : results) worst = std::max(worst, test::distance(rows, expected));
    return worst;
  }
  /// Steps of every kind: many rows over several pages, few, one, two sequences at once.
  double compare_all(std::uint32_t lanes) {
    const SequenceId a = step.cache.create(), b = step.cache.create();
    double worst = compare(test::batch_of(a, 0, 70), lanes);
    worst = std::max(worst, compare(test::batch_of(a, 70, 1), lanes, heads.parts == 1 && heads.kv_heads % lanes == 0));
    worst = std::max(worst, compare(test::batch_of(a, 71, 3), lanes));
    worst = std::max(worst, compare(test::batch_of(b, 0, 2), lanes));
    Batch both = test::batch_of(a, 74, 1);
    both.add(b, 2, std::vector<std::int32_t>(3, 1), Batch::Logits::none);
    worst = std::max(worst, compare(both, lanes));
    both = test::batch_of(b, 5, 9);
    both.add(a, 75, std::vector<std::int32_t>(60, 1), Batch::Logits::none);
    worst = std::max(worst, compare(both, lanes));
    return std::max(worst, compare(test::batch_of(a, 135, 1), lanes));
  }
};

Config windows() {
  Config config = test::three_layers();
  config.layers[1].window = 9;
  config.layers[2].chunk = 21;
  return config;
}

}  // namespace

TEST_CASE("attention over the cache is the softmax of the products, however a step cuts it") {
  for (const std::uint32_t layer : {0u, 1u, 2u})  // all keys, a window of them, a chunk
    for (const std::uint32_t lanes : {1u, 2u, 3u}) {
      CAPTURE(layer);
      CAPTURE(lanes);
      Attended plain{.step = test::BlockStep{windows()}, .layer = layer, .sinks = nullptr};
      CHECK(plain.compare_all(lanes) < 1e-5);
    }
}

TEST_CASE("a sink takes part in each query head's softmax") {
  constexpr float sinks[]{0.5f, -1.0f, 2.0f, 3.5f};
  for (const std::uint32_t lanes : {1u, 2u, 3u}) {
    Attended sunk{.step = test::BlockStep{windows()}, .layer = 1, .sinks = sinks};
    CHECK(sunk.compare_all(lanes) < 1e-5);
  }
}

TEST_CASE("where all query heads share one row of the cache, lanes take parts of them") {
  Config config = test::three_layers();
  config.shape.heads = 32, config.shape.kv_heads = 32;
  config.shape.kv_rank = 12, config.shape.rope_dim = 4;
  for (const std::uint32_t lanes : {1u, 3u}) {
    Attended parts{.step = test::BlockStep{config}, .layer = 2, .sinks = nullptr};
    REQUIRE(parts.heads.parts == 2);
    CHECK(parts.compare_all(lanes) < 1e-5);
  }
}

TEST_CASE("int8 keys, whose outliers are spread, give the same up to their rounding") {
  for (const std::uint32_t lanes : {1u, 2u}) {
    Attended rounded{.step = test::BlockStep{windows(), kernels::int8_kv}, .layer = 0, .sinks = nullptr};
    CHECK(rounded.compare_all(lanes) < 0.03);
  }
}
