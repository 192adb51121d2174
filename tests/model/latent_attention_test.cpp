// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/latent_attention.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "model/block_step.hpp"
#include "model/three_layers.hpp"

using namespace ingot;
using namespace ingot::model;

namespace {

constexpr double theta = 100, eps = 0.01;

void normalize_row(std::span<double> x, const float* weight) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  const double factor = 1 / std::sqrt(squares / static_cast<double>(x.size()) + eps);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] *= factor * static_cast<double>(weight[i]);
}

/// Turns the last `width` dimensions of a head.
template <RopePairs Pairs>
void turn(std::span<double> x, std::size_t width, std::size_t position) {
  for (std::size_t i = 0; i < width / 2; ++i) {
    const double angle = static_cast<double>(position) * std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(width));
    double* const turned = &x[x.size() - width];
    double &a = turned[Pairs == RopePairs::halves ? i : 2 * i], &b = turned[Pairs == RopePairs::halves ? i + width / 2 : 2 * i + 1];
    const double old = a;
    a = old * std::cos(angle) - b * std::sin(angle);
    b = b * std::cos(angle) + old * std::sin(angle);
  }
}

Config latent_config(const Shape& latent) {
  Config config = test::three_layers();
  Shape& s = config.shape;
  s.heads = s.kv_heads = latent.heads;
  s.head_dim = latent.head_dim, s.value_dim = latent.value_dim, s.rope_dim = latent.rope_dim;
  s.kv_rank = latent.kv_rank, s.query_rank = latent.query_rank;
  config.latent_eps = static_cast<float>(eps);
  config.ropes.push_back({.theta = theta, .rotary = latent.rope_dim, .short_factor = {}, .long_factor = {}});
  return config;
}

/// The first layer against the definition with its keys and values expanded: arXiv 2405.04434, section 2.1.
template <RopePairs Pairs = RopePairs::halves>
void compare(const Shape& latent) {
  constexpr Family F{.rope = Pairs, .attention = Attention::latent};
  test::BlockStep step{latent_config(latent)};
  const Shape& s = step.config.shape;
  const std::size_t unturned = s.head_dim - s.rope_dim, rank = s.kv_rank;
  auto& w = step.weights.layers[0].latent;
  const bool compressed = s.query_rank != 0;
  const auto query = compressed ? test::PlainMatrix{} : step.fill(w.query);
  const auto query_down = compressed ? step.fill(w.query_down) : test::PlainMatrix{};
  const auto query_up = compressed ? step.fill(w.query_up) : test::PlainMatrix{};
  const auto kv_down = step.fill(w.kv_down);
  auto key_up = step.fill(w.key_up), value_up = step.fill(w.value_up);
  w.key_up.bias = w.value_up.bias = nullptr;  // no such model has one
  const auto output = step.fill(step.weights.layers[0].output);
  w.query_norm = step.vector(s.query_rank, 1, 0.2f), w.kv_norm = step.vector(rank, 1, 0.2f);
  // W_UK of a head, [rank of the stored rows, unturned], read as its transpose; W_UV, [value width, rank].
  const auto expanded_key = [&](std::size_t h, std::span<const double> row) {
    test::PlainRow key(unturned);
    for (std::size_t c = 0; c < rank; ++c)
      for (std::size_t i = 0; i < unturned; ++i) key[i] += static_cast<double>(key_up.values[(h * rank + c) * unturned + i]) * row[c];
    return key;
  };
  const auto expanded_value = [&](std::size_t h, std::span<const double> row) {
    test::PlainRow value(s.value_width());
    for (std::size_t i = 0; i < value.size(); ++i)
      for (std::size_t c = 0; c < rank; ++c) value[i] += static_cast<double>(value_up.values[(h * value.size() + i) * rank + c]) * row[c];
    return value;
  };

  for (const std::uint32_t lanes : {1u, 2u, 3u}) {
    CAPTURE(lanes);
    const SequenceId sequence = step.cache.create();
    std::vector<test::PlainRows> keys(s.heads), values(s.heads);
    for (const std::size_t rows : {std::size_t{17}, std::size_t{1}, std::size_t{3}, std::size_t{50}, std::size_t{1}}) {
      CAPTURE(rows);
      const std::size_t before = keys[0].size();
      const auto x = step.rows(rows, s.hidden), stream = step.rows(rows, s.hidden);
      auto expected = stream;
      for (std::size_t r = 0; r < rows; ++r) {
        auto row = kv_down(x[r]);
        normalize_row(std::span{row}.first(rank), w.kv_norm);
        turn<Pairs>(row, s.rope_dim, before + r);
        test::PlainRow q;
        if (compressed) {
          auto narrow = query_down(x[r]);
          normalize_row(narrow, w.query_norm);
          q = query_up(narrow);
        } else {
          q = query(x[r]);
        }
        test::PlainRow context;
        for (std::size_t h = 0; h < s.heads; ++h) {
          keys[h].push_back(expanded_key(h, row));
          keys[h].back().insert(keys[h].back().end(), row.begin() + static_cast<std::ptrdiff_t>(rank), row.end());
          values[h].push_back(expanded_value(h, row));
          const auto head = std::span{q}.subspan(h * s.head_dim, s.head_dim);
          turn<Pairs>(head, s.rope_dim, before + r);
          const auto part =
              test::plain_attention(head, keys[h], values[h], 0, before + r + 1, 1 / std::sqrt(static_cast<double>(s.head_dim)));
          context.insert(context.end(), part.begin(), part.end());
        }
        const auto y = output(context);
        for (std::size_t i = 0; i < y.size(); ++i) expected[r][i] += y[i];
      }
      step.run(test::batch_of(sequence, static_cast<std::uint32_t>(before), rows), lanes, [&](auto& p) {
        step.write(p, p.residual, stream);
        step.write(p, p.normed, x);
        p.feed(p.normed, step.config.shape.hidden);
        attend_latent<F>(p, 0);
        for (std::size_t r = p.mine.begin; r < p.mine.end; ++r) add_pending<F>(p, r, nullptr, nullptr);
      });
      for (std::uint32_t rank_of = 0; rank_of < lanes; ++rank_of) CHECK(test::distance(step.state.lane(rank_of).residual, expected) < 1e-5);
    }
    step.cache.release(sequence);
  }
}

}  // namespace

TEST_CASE("latent attention is attention over the keys and values that its rows expand to") {
  compare({.heads = 3, .head_dim = 20, .value_dim = 10, .kv_rank = 12, .rope_dim = 6});   // heads that share panels
  compare({.heads = 4, .head_dim = 32, .value_dim = 16, .kv_rank = 32, .rope_dim = 16});  // heads of whole panels
}

TEST_CASE("queries may be compressed, too") {
  compare({.heads = 3, .head_dim = 20, .value_dim = 10, .query_rank = 14, .kv_rank = 12, .rope_dim = 6});
  compare<RopePairs::adjacent>({.heads = 4, .head_dim = 32, .value_dim = 16, .query_rank = 18, .kv_rank = 32, .rope_dim = 16});
}

TEST_CASE("more than sixteen heads are cut into parts") {
  compare({.heads = 20, .head_dim = 12, .value_dim = 8, .kv_rank = 16, .rope_dim = 4});
}
