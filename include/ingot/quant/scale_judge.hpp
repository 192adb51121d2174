// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/scale_judge.hpp: what matrices lose on a sample of inputs when weights are scaled and rounded.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/quant/codec.hpp>
#include <ingot/quant/encoder.hpp>
#include <ingot/quant/equivalent_scales.hpp>
#include <ingot/quant/input_rounding.hpp>

namespace ingot::quant::detail {

/// Squared errors of the readers' outputs for given factors.
class ScaleJudge {
 public:
  ScaleJudge(bool rounds_inputs, std::span<const InputReader> readers, const InputSample& sample, std::span<const std::uint32_t> factor_of,
             const Product& product, Team& team)
      : rounds_inputs_{rounds_inputs},
        readers_{readers},
        x_{sample.rows()},
        factor_of_{factor_of},
        product_{product},
        team_{team},
        inputs_{x_.extent(0) * x_.extent(1)} {
    fill_inputs(std::vector<float>(factor_of.size(), 1), 0);
    std::size_t most = 0;
    for (const InputReader& reader : readers) {
      const std::size_t rows = reader.layout.rows;
      most = std::max(most, rows);
      outputs_.emplace_back(rows * x_.extent(0));
      multiply(reader, reader.weights, outputs_.back());
      energies_.push_back(sum_of_squares(outputs_.back(), rows));
    }
    weights_ = Buffer<float>{most * sample.columns()};
    errors_ = Buffer<float>{most * x_.extent(0)};
  }

  /// factors: of weights. slope: the error's derivative by their logarithms is written there, where there is room.
  [[nodiscard]] double operator()(std::span<const float> factors, std::span<double> slope = {}) {
    std::fill(slope.begin(), slope.end(), 0.0);
    const std::size_t columns = factor_of_.size(), samples = x_.extent(0);
    std::vector<float> of_columns(columns);
    for (std::size_t i = 0; i < columns; ++i) of_columns[i] = factors[factor_of_[i]];
    double error = 0;
    std::uint32_t block = 0;  // of the inputs as they are
    for (std::size_t m = 0; m < readers_.size(); ++m) {
      const InputReader& reader = readers_[m];
      const PackedLayout& layout = reader.layout;
      if (m == 0 || (rounds_inputs_ && reader.input_block != block))
        fill_inputs(of_columns, rounds_inputs_ ? block = reader.input_block : 0);
      team_.run([&](Lane& lane) {
        std::vector<std::uint8_t> codes(layout.padded_columns());
        std::vector<GroupScale> scales(layout.groups());
        const Slice mine = lane.slice(layout.rows);
        for (std::size_t r = mine.begin; r < mine.end; ++r) {
          const std::span<float> row{weights_.data() + r * columns, columns};
          for (std::size_t i = 0; i < columns; ++i) row[i] = reader.weights[r * columns + i] * of_columns[i];
          round_rows(layout, NearestEncoder{}, row, codes, scales);
          for (std::size_t k = 0; k < samples; ++k) errors_[r * samples + k] = -outputs_[m][r * samples + k];
        }
      });
      multiply(reader, weights_, errors_);
      const double squares = sum_of_squares(errors_, layout.rows);
      const double share = energies_[m] > 0 ? 1 / energies_[m] : 1;
      error += squares * share;
      if (!slope.empty()) add_slope(reader, of_columns, share, slope);
    }
    return error;
  }

 private:
  /// Rounding is passed straight through (arXiv 1308.3432): with v = w factor, scale = (max v - min v) / steps and D the derivative by the
  /// stored weights in the unscaled frame, a factor's logarithm moves the error by -D (stored / factor - w) where its own weight is
  /// rounded, and by the sum of the same over a group where its weight sets the group's scale.
  void add_slope(const InputReader& reader, std::span<const float> of_columns, double share, std::span<double> slope) {
    const std::size_t rows = reader.layout.rows, columns = of_columns.size(), samples = x_.extent(0), group = reader.layout.group_columns();
    derivative_ = Buffer<float>{rows * columns};
    const PaddedRows a{rows, samples, samples}, c{rows, columns, columns};
    product_({{errors_.data(), a.span_size()}, a}, x_, {{derivative_.data(), c.span_size()}, c});
    std::vector<double> by_column(columns);
    team_.run([&](Lane& lane) {  // columns are shared out, whole groups, so that sums have one order
      const Slice mine = lane.slice(columns, group);
      for (std::size_t begin = mine.begin; begin < mine.end; begin += group) {
        const std::size_t end = std::min(begin + group, columns);
        for (std::size_t r = 0; r < rows; ++r) {
          const float *const w = reader.weights.data() + r * columns, *const stored = weights_.data() + r * columns;
          double all = 0;
          std::size_t low = begin, high = begin;
          for (std::size_t i = begin; i < end; ++i) {
            const float lost = derivative_[r * columns + i] * (stored[i] / of_columns[i] - w[i]);
            by_column[i] -= static_cast<double>(lost);
            all += static_cast<double>(lost);
            if (w[i] * of_columns[i] < w[low] * of_columns[low]) low = i;
            if (w[i] * of_columns[i] > w[high] * of_columns[high]) high = i;
          }
          const double least = static_cast<double>(w[low] * of_columns[low]), most = static_cast<double>(w[high] * of_columns[high]);
          if (reader.layout.scheme.zero == Zero::none)
            by_column[-least > most ? low : high] += all;
          else if (most > least)
            by_column[high] += all * most / (most - least), by_column[low] -= all * least / (most - least);
        }
      }
    });
    for (std::size_t i = 0; i < columns; ++i) slope[factor_of_[i]] += 2 * share * by_column[i];
  }
  /// inputs = (x / factors)T, rounded by blocks where there are any
  void fill_inputs(const std::vector<float>& of_columns, std::size_t block) {
    const std::size_t samples = x_.extent(0), columns = of_columns.size();
    team_.run([&](Lane& lane) {
      std::vector<float> row(columns);
      const Slice mine = lane.slice(samples, 16);
      for (std::size_t k = mine.begin; k < mine.end; ++k) {
        for (std::size_t i = 0; i < columns; ++i) row[i] = x_.row(k)[i] / of_columns[i];
        if (block != 0) round_inputs(row, block);
        for (std::size_t i = 0; i < columns; ++i) inputs_[i * samples + k] = row[i];
      }
    });
  }
  /// y [rows, samples] += w [rows, columns] inputs
  void multiply(const InputReader& reader, const Buffer<float>& w, Buffer<float>& y) const {
    const std::size_t rows = reader.layout.rows, columns = reader.layout.columns, samples = x_.extent(0);
    const PaddedRows a{rows, columns, columns}, b{columns, samples, samples}, c{rows, samples, samples};
    product_({{w.data(), a.span_size()}, a}, {{inputs_.data(), b.span_size()}, b}, {{y.data(), c.span_size()}, c});
  }
  [[nodiscard]] double sum_of_squares(const Buffer<float>& y, std::size_t rows) const {
    const std::size_t samples = x_.extent(0);
    std::vector<double> of_rows(rows);
    team_.run([&](Lane& lane) {
      const Slice mine = lane.slice(rows);
      for (std::size_t r = mine.begin; r < mine.end; ++r)
        for (std::size_t k = 0; k < samples; ++k) {
          const double value = static_cast<double>(y[r * samples + k]);
          of_rows[r] += value * value;
        }
    });
    double sum = 0;
    for (const double row : of_rows) sum += row;
    return sum;
  }

  bool rounds_inputs_;
  std::span<const InputReader> readers_;
  Rows<const float> x_;  // [samples, columns]
  std::span<const std::uint32_t> factor_of_;
  const Product& product_;
  Team& team_;
  Buffer<float> inputs_;                // [columns, samples]
  std::vector<Buffer<float>> outputs_;  // of each reader in float, [rows, samples]
  std::vector<double> energies_;        // of them
  Buffer<float> weights_;               // rounded, of the reader looked at
  Buffer<float> errors_;                // of its outputs
  Buffer<float> derivative_;            // of half the squared error by its weights
};

}  // namespace ingot::quant::detail
