// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/gptq.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <Eigen/Dense>
#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/quant/scale_search.hpp>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::quant;
using ingot::test::loops;
using ingot::test::random_matrix;

namespace {

/// Inputs whose columns depend on each other, one of them large, as those of trained models.
std::vector<float> inputs(std::size_t rows, std::size_t columns, std::uint32_t seed = 9) {
  std::vector<float> x = random_matrix(rows, columns, seed);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 1; i < columns; ++i) x[r * columns + i] += 0.8f * x[r * columns + i - 1];
  for (std::size_t r = 0; r < rows; ++r) x[r * columns + columns / 2] *= 8;
  return x;
}
Rows<const float> view(const std::vector<float>& x, std::size_t columns) {
  return {std::span{x}, PaddedRows{x.size() / columns, columns, columns}};
}
Gram gram_of(const std::vector<float>& x, std::size_t columns) {
  Gram gram{columns};
  gram.add(view(x, columns), loops);
  return gram;
}

struct Encoded {
  std::vector<std::uint8_t> codes;
  std::vector<GroupScale> scales;
  std::vector<float> decoded;
};
Encoded encoded(const Encoder& encoder, const PackedLayout& layout, std::span<const float> weights) {
  Encoded result{std::vector<std::uint8_t>(layout.rows * layout.padded_columns()), std::vector<GroupScale>(layout.rows * layout.groups()),
                 std::vector<float>(layout.rows * layout.columns)};
  encoder.encode(layout, weights, {0, result.codes, result.scales});
  for (std::size_t r = 0; r < layout.rows; ++r)
    for (std::size_t c = 0; c < layout.columns; ++c) {
      const GroupScale& s = result.scales[r * layout.groups() + c / layout.group_columns()];
      result.decoded[r * layout.columns + c] = decode(layout.scheme, result.codes[r * layout.padded_columns() + c], s.scale, s.min);
    }
  return result;
}
GptqEncoder gptq(const PackedLayout& layout, std::vector<float> weights, const Gram& gram, const GptqOptions& options,
                 std::uint32_t threads = 2) {
  Team team{threads};
  auto encoder = GptqEncoder::create(layout, weights, gram, options, loops, team);
  REQUIRE(encoder);
  return *std::move(encoder);
}

/// sum over rows of |x (w - decoded)|^2
double output_error(const std::vector<float>& x, std::size_t columns, std::span<const float> weights, std::span<const float> decoded) {
  double sum = 0;
  for (std::size_t t = 0; t < x.size() / columns; ++t)
    for (std::size_t r = 0; r < weights.size() / columns; ++r) {
      double y = 0;
      for (std::size_t c = 0; c < columns; ++c)
        y += static_cast<double>(x[t * columns + c]) * static_cast<double>(weights[r * columns + c] - decoded[r * columns + c]);
      sum += y * y;
    }
  return sum;
}

}  // namespace

TEST_CASE("a Gram is the sum of the inputs' products") {
  for (const std::size_t columns : {1u, 17u, 40u}) {
    const std::vector<float> x = inputs(21, columns);
    Gram gram{columns};
    gram.add(view(std::vector(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(5 * columns)), columns), loops);
    gram.add(view(std::vector(x.begin() + static_cast<std::ptrdiff_t>(5 * columns), x.end()), columns), loops);
    CHECK(gram.inputs() == 21);
    for (std::size_t i = 0; i < columns; ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (std::size_t t = 0; t < 21; ++t) sum += static_cast<double>(x[t * columns + i]) * static_cast<double>(x[t * columns + j]);
        CHECK(std::abs(static_cast<double>(gram(i, j)) - sum) <= 1e-5 * (1 + std::abs(sum)));
      }
    CHECK(gram.diagonal()[columns - 1] == gram(columns - 1, columns - 1));
  }
}

TEST_CASE("outputs on the inputs are nearer than rounding each weight makes them") {
  for (const std::size_t columns : {64u, 150u, 300u}) {
    const std::vector<float> weights = random_matrix(9, columns, 3), x = inputs(400, columns);
    const Gram gram = gram_of(x, columns);
    for (const Scheme& scheme :
         {Scheme{.bits = 4, .group = 32, .zero = Zero::min}, Scheme{.bits = 4, .group = 64}, Scheme{.bits = 4, .group = 0},
          Scheme{.bits = 4, .group = 256, .zero = Zero::min}, Scheme{.bits = 8, .group = 32}}) {
      INFO(to_string(scheme), " ", columns);
      const PackedLayout layout{scheme, 9, columns};
      const double nearest = output_error(x, columns, weights, encoded(NearestEncoder{}, layout, weights).decoded);
      const double searched = output_error(x, columns, weights, encoded(SearchEncoder{gram.diagonal()}, layout, weights).decoded);
      for (const bool act_order : {false, true}) {
        const double error =
            output_error(x, columns, weights, encoded(gptq(layout, weights, gram, {.act_order = act_order}), layout, weights).decoded);
        CHECK(error < 0.7 * nearest);
        CHECK(error < 0.8 * searched);
      }
    }
  }
}

TEST_CASE("what columns share by chance is left out: nothing of many inputs, most of few; inputs that were not seen gain by it") {
  constexpr std::size_t columns = 96;
  CHECK(quant::shrinkage(gram_of(inputs(1500, columns), columns)) < 0.03f);
  CHECK(quant::shrinkage(gram_of(random_matrix(60, columns, 9), columns)) > 0.9f);  // columns that share nothing
  CHECK(quant::shrinkage(Gram{columns}) == 1);
  const PackedLayout layout{{.bits = 4, .group = 64}, 9, columns};
  const std::vector<float> weights = random_matrix(layout.rows, columns, 3), unseen = inputs(400, columns, 10);
  const Gram gram = gram_of(inputs(100, columns), columns);
  const auto error = [&](bool shrink) {
    return output_error(unseen, columns, weights, encoded(gptq(layout, weights, gram, {.shrink = shrink}), layout, weights).decoded);
  };
  CHECK(error(true) < 0.8 * error(false));
}

TEST_CASE("2:4: what is pruned is made up for; the mask that is searched in the pass costs least") {
  constexpr std::size_t rows = 12, columns = 150;
  const std::vector<float> weights = random_matrix(rows, columns, 3), x = inputs(400, columns);
  const Gram gram = gram_of(x, columns);
  for (const std::uint16_t group : {32, 64, 256, 0}) {
    const PackedLayout layout{{.bits = 4, .group = group, .sparsity = Sparsity::two_of_four}, rows, columns};
    INFO(to_string(layout.scheme));
    const auto error = [&](Mask mask) {
      const Encoded result = encoded(gptq(layout, weights, gram, {.mask = mask}), layout, weights);
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c + 4 <= columns; c += 4) {
          const float* four = result.decoded.data() + r * columns + c;
          REQUIRE(std::count(four, four + 4, 0.f) >= 2);
        }
      return output_error(x, columns, weights, result.decoded);
    };
    std::vector<float> by_magnitude = weights, by_inputs = weights;
    for (std::size_t at = 0; at < weights.size(); at += columns) {
      prune_row(std::span{by_magnitude}.subspan(at, columns), std::vector<float>(columns, 1.f));
      prune_row(std::span{by_inputs}.subspan(at, columns), gram.diagonal());
    }
    const double magnitude = output_error(x, columns, weights, by_magnitude), wanda = output_error(x, columns, weights, by_inputs);
    CHECK(wanda < magnitude);  // pruned alone, in float
    CHECK(error(Mask::magnitude) < magnitude);
    CHECK(error(Mask::wanda) < wanda);
    CHECK(error(Mask::sparsegpt) < 0.9 * error(Mask::wanda));
  }
}

TEST_CASE("2:4: zeros of a pruned matrix stay zeros, be two in a four or more; columns are not reordered") {
  constexpr std::size_t rows = 5, columns = 96;
  std::vector<float> weights = random_matrix(rows, columns, 3);
  for (std::size_t i = 0; i < weights.size(); i += 4) weights[i + i / 4 % 4] = weights[i + (i / 4 + 2) % 4] = 0;
  for (std::size_t i = 0; i < weights.size(); i += 12) weights[i + 1] = 0;
  const Gram gram = gram_of(inputs(200, columns), columns);
  const PackedLayout layout{{.bits = 4, .group = 32, .sparsity = Sparsity::two_of_four}, rows, columns};
  const Encoded result = encoded(gptq(layout, weights, gram, {.mask = Mask::magnitude}), layout, weights);
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i] == 0) CHECK(result.decoded[i] == 0);
  Team team{1};
  CHECK(GptqEncoder::create(layout, weights, gram, {.act_order = true}, loops, team).error().code == ErrorCode::unsupported);
}

TEST_CASE("codes are those of the paper's algorithm, which inverts") {
  const std::size_t rows = 6, n = 150;
  for (const Scheme& scheme : {Scheme{.bits = 4, .group = 32, .zero = Zero::min}, Scheme{.bits = 4, .group = 64}}) {
    const PackedLayout layout{scheme, rows, n};
    const std::vector<float> weights = random_matrix(rows, n, 4), x = inputs(300, n);
    const Gram gram = gram_of(x, n);
    const Encoded ours = encoded(gptq(layout, weights, gram, {.damping = 0.01f, .shrink = false, .act_order = true}), layout, weights);

    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return gram(i, i) > gram(j, j); });
    Eigen::MatrixXd h(n, n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        h(static_cast<int>(i), static_cast<int>(j)) = static_cast<double>(gram(std::max(order[i], order[j]), std::min(order[i], order[j])));
    h.diagonal().array() += 0.01 * h.diagonal().mean();
    const Eigen::MatrixXd upper = h.inverse().llt().matrixU();
    const SearchEncoder static_groups{gram.diagonal()};
    const Encoded start = encoded(static_groups, layout, weights);
    std::size_t different = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      Eigen::VectorXd w(n);
      for (std::size_t i = 0; i < n; ++i) w(static_cast<int>(i)) = static_cast<double>(weights[r * n + order[i]]);
      for (std::size_t k = 0; k < n; ++k) {
        const auto i = static_cast<int>(k);
        const GroupScale& s = start.scales[r * layout.groups() + order[k] / layout.group_columns()];
        const double scale = static_cast<double>(s.scale), min = static_cast<double>(s.min), zero = scheme.zero_point();
        const double code = std::clamp(std::nearbyint((w(i) - min) / scale + zero), 0.0, std::pow(2, scheme.bits) - 1);
        different += static_cast<int>(code) != ours.codes[r * layout.padded_columns() + order[k]];
        const double error = (w(i) - (scale * (code - zero) + min)) / upper(i, i);
        for (int j = i; j < static_cast<int>(n); ++j) w(j) -= error * upper(i, j);
      }
    }
    CHECK(different <= rows * n / 100);  // where sums in float round to the other side of a half, and what follows from it
  }
}

TEST_CASE("the number of threads changes nothing") {
  const PackedLayout layout{{.bits = 4, .group = 32, .zero = Zero::min}, 21, 140};
  const std::vector<float> weights = random_matrix(21, 140, 5);
  const Gram gram = gram_of(inputs(100, 140), 140);
  const Encoded one = encoded(gptq(layout, weights, gram, {}, 1), layout, weights);
  for (const std::uint32_t threads : {2u, 3u, 5u})
    CHECK(encoded(gptq(layout, weights, gram, {}, threads), layout, weights).codes == one.codes);
}

TEST_CASE("inputs that are always zero, or fewer than columns, or none at all") {
  const PackedLayout layout{{.bits = 4, .group = 32}, 4, 64};
  const std::vector<float> weights = random_matrix(4, 64, 6);
  std::vector<float> x = inputs(20, 64);
  for (std::size_t t = 0; t < 20; ++t) x[t * 64 + 3] = x[t * 64 + 40] = 0;
  const Encoded result = encoded(gptq(layout, weights, gram_of(x, 64), {}), layout, weights);
  const Encoded nearest = encoded(NearestEncoder{}, layout, weights);
  CHECK(output_error(x, 64, weights, result.decoded) < output_error(x, 64, weights, nearest.decoded));
  for (const std::size_t r : {0u, 1u, 2u, 3u})
    for (const std::size_t c : {3u, 40u}) {
      const float step = result.scales[r * 2 + c / 32].scale;
      CHECK(std::abs(result.decoded[r * 64 + c] - weights[r * 64 + c]) <= std::abs(step) * 8);
    }
  const Encoded none = encoded(gptq(layout, weights, Gram{64}, {}), layout, weights);
  CHECK(none.codes == encoded(SearchEncoder{std::vector<float>(64, 0.f)}, layout, weights).codes);
}

TEST_CASE("inputs that are not finite are refused") {
  std::vector<float> x = inputs(4, 32), weights = random_matrix(2, 32, 7);
  x[5] = std::numeric_limits<float>::quiet_NaN();
  Team team{1};
  const auto encoder = GptqEncoder::create({{.bits = 4, .group = 32}, 2, 32}, weights, gram_of(x, 32), {}, loops, team);
  REQUIRE(!encoder);
  CHECK(encoder.error().code == ErrorCode::damaged);
}
