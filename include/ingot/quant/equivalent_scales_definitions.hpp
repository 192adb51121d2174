// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/equivalent_scales_definitions.hpp: proposals of factors and their errors; ingot::runtime compiles it, once.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/quant/codec.hpp>
#include <ingot/quant/equivalent_scales.hpp>
#include <ingot/quant/scale_judge.hpp>

namespace ingot::quant {

namespace detail {

/// Of each factor: the mean, or the largest, of its columns' values.
[[nodiscard]] inline std::vector<float> by_factor(std::span<const float> values, std::span<const std::uint32_t> factor_of,
                                                  std::size_t count, bool largest) {
  std::vector<float> merged(count), columns(count);
  for (std::size_t i = 0; i < values.size(); ++i) {
    float& at = merged[factor_of[i]];
    at = largest ? std::max(at, values[i]) : at + values[i];
    columns[factor_of[i]] += 1;
  }
  if (!largest)
    for (std::size_t i = 0; i < count; ++i) merged[i] /= std::max(columns[i], 1.f);
  return merged;
}

inline constexpr double reach = 4.1588830833596715;  // of logarithms: factors from 1/64 to 64

/// x^a / w^b, brought to a geometric mean of 1. Channels that are never used, or have no weights, count as a thousandth of the mean.
[[nodiscard]] inline std::vector<float> proposed_factors(std::span<const float> x, float a, std::span<const float> w, float b) {
  const auto logarithms = [](std::span<const float> values) {
    double mean = 0;
    for (const float value : values) mean += static_cast<double>(value) / static_cast<double>(values.size());
    const double least = mean > 0 ? mean * 1e-3 : 1;
    std::vector<double> logs;
    for (const float value : values) logs.push_back(std::log(std::max(static_cast<double>(value), least)));
    return logs;
  };
  const std::vector<double> of_x = logarithms(x), of_w = logarithms(w);
  std::vector<double> exponents(x.size());
  double mean = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    exponents[i] = static_cast<double>(a) * of_x[i] - static_cast<double>(b) * of_w[i];
    mean += exponents[i] / static_cast<double>(x.size());
  }
  std::vector<float> factors;
  for (const double exponent : exponents) factors.push_back(static_cast<float>(std::exp(std::clamp(exponent - mean, -reach, reach))));
  return factors;
}

/// Steps of Adam (arXiv 1412.6980) with decoupled decay on the logarithms of factors, from the best ones on, at a rate that falls to a
/// tenth by a cosine.
inline void learn(const ScaleSearch& search, ScaleJudge& judge, FoundScales& best) {
  const std::size_t count = best.factors.size();
  std::vector<double> logs(count), slope(count), mean(count), square(count);
  for (std::size_t i = 0; i < count; ++i) logs[i] = std::log(static_cast<double>(best.factors[i]));
  std::vector<float> factors = best.factors;
  constexpr double keep_mean = 0.9, keep_square = 0.999;
  double mean_share = 1, square_share = 1;
  for (std::uint32_t epoch = 0; epoch <= search.epochs; ++epoch) {
    const double error = judge(factors, slope);
    if (error < best.error) best.factors = factors, best.error = error;
    const double rate = search.rate * (0.55 + 0.45 * std::cos(3.141592653589793 * epoch / search.epochs));
    mean_share *= keep_mean, square_share *= keep_square;
    for (std::size_t i = 0; i < count; ++i) {
      mean[i] = keep_mean * mean[i] + (1 - keep_mean) * slope[i];
      square[i] = keep_square * square[i] + (1 - keep_square) * slope[i] * slope[i];
      const double deviation = std::sqrt(square[i] / (1 - square_share)) + 1e-12;
      logs[i] -= rate * (mean[i] / (1 - mean_share) / deviation + search.decay * logs[i]);
    }
    double centre = 0;
    for (const double log : logs) centre += log / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i) factors[i] = static_cast<float>(std::exp(std::clamp(logs[i] -= centre, -reach, reach)));
  }
}

}  // namespace detail

Result<InputReader> InputReader::read(const PackedLayout& layout, std::uint32_t input_block, const RowSource& rows, std::size_t most_rows,
                                      Team& team) {
  const std::size_t columns = layout.columns, kept = std::min(layout.rows, most_rows);
  Buffer<float> all{layout.rows * columns};
  const auto read_part = [&](Slice slice) -> Status {
    const std::span<float> part{all.data() + slice.begin * columns, slice.size() * columns};
    INGOT_CHECK(rows(slice.begin, slice.end, part));
    if (all_finite(part)) return {};
    return Error{ErrorCode::damaged, "a weight is not finite", {}, "the checkpoint is damaged or was trained badly"};
  };
  INGOT_CHECK(detail::for_each_slice(team, layout.rows, read_part));
  InputReader reader;
  reader.layout = {layout.scheme, kept, columns};
  reader.input_block = input_block;
  reader.weights = Buffer<float>{kept * columns};
  reader.mean_shares.resize(columns);
  reader.largest.resize(columns);
  const std::size_t group = layout.group_columns();
  team.run([&](Lane& lane) {  // columns are shared out, whole groups, so that sums have one order
    const Slice mine = lane.slice(columns, group);
    for (std::size_t begin = mine.begin; begin < mine.end; begin += group) {
      const std::size_t end = std::min(begin + group, columns);
      std::vector<double> shares(end - begin);
      for (std::size_t r = 0; r < layout.rows; ++r) {
        const float* const row = all.data() + r * columns;
        float most = 1e-30f;
        for (std::size_t i = begin; i < end; ++i) {
          const float magnitude = std::abs(row[i]);
          most = std::max(most, magnitude);
          reader.largest[i] = std::max(reader.largest[i], magnitude);
        }
        for (std::size_t i = begin; i < end; ++i) shares[i - begin] += static_cast<double>(std::abs(row[i]) / most);
      }
      for (std::size_t i = begin; i < end; ++i)
        reader.mean_shares[i] = static_cast<float>(shares[i - begin] / static_cast<double>(layout.rows));
    }
  });
  for (std::size_t r = 0; r < kept; ++r)
    std::copy_n(all.data() + r * layout.rows / kept * columns, columns, reader.weights.data() + r * columns);
  return reader;
}

FoundScales search_scales(const ScaleSearch& search, std::span<const InputReader> readers, const InputSample& sample,
                          std::span<const std::uint32_t> factor_of, std::size_t count, const Product& product, Team& team) {
  const bool smooth = search.rule == ScaleRule::smooth;
  detail::ScaleJudge judge{smooth, readers, sample, factor_of, product, team};
  std::vector<float> shares(sample.columns());
  for (const InputReader& reader : readers)
    for (std::size_t i = 0; i < shares.size(); ++i)
      shares[i] = smooth ? std::max(shares[i], reader.largest[i]) : shares[i] + reader.mean_shares[i] / static_cast<float>(readers.size());
  const auto x = detail::by_factor(smooth ? sample.largest() : sample.mean_magnitudes(), factor_of, count, smooth);
  const auto w = detail::by_factor(shares, factor_of, count, smooth);

  FoundScales best{.factors = std::vector<float>(count, 1), .proposed = {}};
  best.error = best.error_without = judge(best.factors);
  float chosen = 0;
  bool by_weights = true;
  const auto consider = [&](float share, bool with_weights) {
    auto factors = detail::proposed_factors(x, share, w, with_weights ? 1 - share : 0);
    const double error = judge(factors);
    if (!(error < best.error)) return;
    best.factors = std::move(factors), best.error = error, chosen = share, by_weights = with_weights;
  };
  constexpr int steps = 10;
  for (int step = 0; step <= steps; ++step) {
    const float share = static_cast<float>(step) / steps;
    consider(share, true);
    if (!smooth && step > 0) consider(share, false);
  }
  const float middle = chosen;
  if (middle > 0) consider(middle - 0.5f / steps, by_weights);
  if (middle < 1) consider(middle + 0.5f / steps, by_weights);
  best.proposed = best.factors;
  if (search.rule == ScaleRule::learned && search.epochs > 0) detail::learn(search, judge, best);
  return best;
}

}  // namespace ingot::quant
