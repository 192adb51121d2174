// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/gptq_definitions.hpp: Gram, its factor, and the columns one after the other; ingot::runtime compiles it, once.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Dense>

#include <ingot/core/buffer.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/team.hpp>
#include <ingot/quant/gptq.hpp>
#include <ingot/quant/scale_search.hpp>
#include <ingot/quant/two_of_four.hpp>

namespace ingot::quant {

namespace detail {

/// Columns that are factored, and rounded, together; what they mean to all others is one product.
inline constexpr std::size_t gptq_block = 128;

[[nodiscard]] inline Rows<float> square_view(Buffer<float>& values, std::size_t n, std::size_t row, std::size_t rows, std::size_t column,
                                             std::size_t columns) {
  const PaddedRows layout{rows, columns, n};
  return {{values.data() + row * n + column, layout.span_size()}, layout};
}

/// Replaces the lower triangle of the symmetric matrix [n, n] by its Cholesky factor; blocks by Eigen, the rest by `product`. False where
/// the matrix is not positive definite.
[[nodiscard]] inline bool factor(Buffer<float>& matrix, std::size_t n, const Product& product) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Block = Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>;
  const auto block = [&](std::size_t row, std::size_t rows, std::size_t column, std::size_t columns) {
    return Block{matrix.data() + row * n + column, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns),
                 Eigen::OuterStride<>{static_cast<Eigen::Index>(n)}};
  };
  Buffer<float> left{n * gptq_block}, right{n * gptq_block};
  for (std::size_t begin = 0; begin < n; begin += gptq_block) {
    const std::size_t size = std::min(gptq_block, n - begin), end = begin + size, below = n - end;
    Block diagonal = block(begin, size, begin, size);
    const Eigen::LLT<RowMajor> llt{diagonal};
    if (llt.info() != Eigen::Success) return false;
    diagonal = llt.matrixL();
    if (below == 0) continue;
    Block panel = block(end, below, begin, size);
    llt.matrixL().transpose().template solveInPlace<Eigen::OnTheRight>(panel);
    for (std::size_t i = 0; i < below; ++i)
      for (std::size_t k = 0; k < size; ++k) {
        const float value = matrix[(end + i) * n + begin + k];
        left[i * size + k] = -value;
        right[k * below + i] = value;
      }
    // Only the lower triangle is needed: each stripe of rows up to its diagonal.
    constexpr std::size_t stripe = 8 * gptq_block;
    for (std::size_t row = 0; row < below; row += stripe) {
      const std::size_t rows = std::min(stripe, below - row), width = row + rows;
      const PaddedRows a{rows, size, size}, b{size, width, below};
      product({{left.data() + row * size, a.span_size()}, a}, {{right.data(), b.span_size()}, b},
              square_view(matrix, n, end + row, rows, end, width));
    }
  }
  return true;
}

/// The columns of a matrix in the reverse of the order in which they are rounded.
[[nodiscard]] inline std::vector<std::uint32_t> rounding_order(const Gram& gram, bool by_size) {
  std::vector<std::uint32_t> order(gram.columns());
  std::iota(order.rbegin(), order.rend(), 0u);
  if (by_size) std::stable_sort(order.begin(), order.end(), [&](auto i, auto j) { return gram(i, i) < gram(j, j); });
  return order;
}

/// N of Gram + damping = N D NT, N unit lower triangular, rows and columns in `order`; D in place of N's ones. What columns share counts
/// `shared` times. Columns without any input stand alone.
[[nodiscard]] inline Result<Buffer<float>> unit_factor(const Gram& gram, std::span<const std::uint32_t> order, float shared, float damping,
                                                       const Product& product) {
  const std::size_t n = gram.columns();
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += gram(i, i) / static_cast<double>(n);
  if (!std::isfinite(mean))
    return Error{ErrorCode::damaged, "the calibration's inputs are not finite", {}, "the checkpoint is damaged or was trained badly"};
  for (float share = damping; share < 10; share *= 10) {  // rounding may make a Gram of few inputs indefinite
    Buffer<float> matrix{n * n};
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) matrix[i * n + j] = shared * gram(std::max(order[i], order[j]), std::min(order[i], order[j]));
      const float diagonal = gram(order[i], order[i]);
      matrix[i * n + i] = diagonal == 0 ? 1 : diagonal + share * static_cast<float>(mean);
    }
    if (!factor(matrix, n, product)) continue;
    for (std::size_t j = 0; j < n; ++j) {
      const float root = matrix[j * n + j], inverse = 1 / root;
      for (std::size_t i = j + 1; i < n; ++i) matrix[i * n + j] *= inverse;
      matrix[j * n + j] = root * root;
    }
    return matrix;
  }
  return Error{ErrorCode::damaged, "the calibration's inputs cannot be factored", {}, "give more calibration text"};
}

/// The two of four columns that Mask::sparsegpt keeps. `values` [4] are what the columns are to be rounded from, `weights` what they were;
/// `own` points at the factor's element of the first column and itself, the next columns' are before it. Of fewer columns than four,
/// `count`, two at most.
[[nodiscard]] inline Places cheapest_places(const float* values, const float* weights, const float* own, std::size_t n, std::size_t count) {
  Places best{0, 1};
  float least = std::numeric_limits<float>::infinity();
  for (const Places& places : all_places) {
    if (places.second >= std::max<std::size_t>(count, 2)) continue;
    float at[4], loss = 0;
    std::copy_n(values, count, at);
    for (std::size_t t = 0; t < count; ++t) {
      const bool kept = t == places.first || t == places.second;
      const float* const row = own - t * (n + 1);
      if (!kept) loss += *row * at[t] * at[t];
      const float error = kept ? weights[t] - at[t] : weights[t];
      for (std::size_t u = t + 1; u < count; ++u) at[u] += error * *(row - (u - t));
    }
    if (loss < least) least = loss, best = places;
  }
  return best;
}

}  // namespace detail

void Gram::add(Rows<const float> x, const Product& product) {
  const std::size_t rows = x.extent(0);
  inputs_ += rows;
  constexpr std::size_t chunk = 1024, stripe = 1024;
  Buffer<float> turned{std::min(chunk, rows) * columns_};
  for (std::size_t first = 0; first < rows; first += chunk) {
    const std::size_t count = std::min(chunk, rows - first);
    for (std::size_t r = 0; r < count; r += 16)  // 16 rows of 16 columns: what is read and written stays in the L1 cache
      for (std::size_t i = 0; i < columns_; i += 16)
        for (std::size_t k = r; k < std::min(r + 16, count); ++k)
          for (std::size_t j = i; j < std::min(i + 16, columns_); ++j) turned[j * count + k] = x.row(first + k)[j];
    for (std::size_t i = 0; i < columns_; i += stripe) {  // the lower triangle
      const std::size_t height = std::min(stripe, columns_ - i), width = i + height;
      const PaddedRows a{height, count, count}, b{count, width, x.layout().stride()};
      product({{turned.data() + i * count, a.span_size()}, a}, {{x.row(first), b.span_size()}, b},
              detail::square_view(sums_, columns_, i, height, 0, width));
    }
  }
}

std::vector<float> Gram::diagonal() const {
  std::vector<float> sums(columns_);
  for (std::size_t i = 0; i < columns_; ++i) sums[i] = (*this)(i, i);
  return sums;
}

float shrinkage(const Gram& gram) {
  double variances = 0, squares = 0;
  for (std::size_t i = 0; i < gram.columns(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const double scale = static_cast<double>(gram(i, i)) * static_cast<double>(gram(j, j));
      if (scale == 0) continue;
      const double product = static_cast<double>(gram(i, j)), square = std::min(product * product / scale, 1.0);
      variances += (1 - square) * (1 - square) / static_cast<double>(gram.inputs());
      squares += square;
    }
  return squares == 0 ? 1 : static_cast<float>(std::min(variances / squares, 1.0));
}

Result<GptqEncoder> GptqEncoder::create(const PackedLayout& layout, std::span<float> weights, const Gram& gram, const GptqOptions& options,
                                        const Product& product, Team& team) {
  const Scheme& scheme = layout.scheme;
  const std::size_t rows = layout.rows, n = layout.columns, group_columns = layout.group_columns(), groups = layout.groups();
  if (layout.is_sparse() && options.act_order)
    return Error{ErrorCode::unsupported, "columns of a 2:4 matrix are rounded in their order, four together", {}, "leave --act-order out"};
  const std::vector<std::uint32_t> order = detail::rounding_order(gram, options.act_order);
  INGOT_TRY(const Buffer<float> factor,
            detail::unit_factor(gram, order, options.shrink ? 1 - shrinkage(gram) : 1, options.damping, product));
  const std::vector<float> importance = gram.diagonal();
  const std::vector<float> by_mask = options.mask == Mask::wanda ? importance : std::vector<float>(n, 1.f);
  const bool fixed_scales = options.act_order || group_columns > detail::gptq_block || detail::gptq_block % group_columns != 0;

  GptqEncoder encoder;
  encoder.codes_.resize(rows * n);
  encoder.scales_.resize(rows * groups);
  const auto choose_scale = [&](std::size_t row, std::size_t group, std::span<float> values) {
    const std::size_t begin = group * group_columns, size = values.size();
    if (layout.is_sparse()) prune_row(values, std::span{importance}.subspan(begin, size));  // near enough to what will be kept
    encoder.scales_[row * groups + group] =
        search_scale(scheme, values, std::span{importance}.subspan(begin, size), std::span{encoder.codes_}.subspan(row * n + begin, size));
  };
  if (fixed_scales)
    team.run([&](Lane& lane) {
      const Slice mine = lane.slice(rows);
      std::vector<float> values;
      for (std::size_t row = mine.begin; row < mine.end; ++row)
        for (std::size_t group = 0; group < layout.filled_groups(); ++group) {
          const auto own = weights.subspan(row * n + group * group_columns, std::min(group_columns, n - group * group_columns));
          values.assign(own.begin(), own.end());
          choose_scale(row, group, values);
        }
    });

  // errors [rows, n] and what they mean to the columns of a block, [rows, block]; both with columns in `order`
  Buffer<float> errors{rows * n}, feedback{rows * detail::gptq_block};
  const float zero = static_cast<float>(scheme.zero_point()), last = static_cast<float>((1 << scheme.bits) - 1);
  for (std::size_t end = n; end > 0;) {
    const std::size_t size = std::min(end, detail::gptq_block), begin = end - size;  // groups do not straddle blocks
    std::fill_n(feedback.data(), rows * size, 0.f);
    const PaddedRows a{rows, n - end, n}, b{n - end, size, n}, c{rows, size, size};
    if (end < n)
      product({{errors.data() + end, a.span_size()}, a}, {{factor.data() + end * n + begin, b.span_size()}, b},
              {{feedback.data(), c.span_size()}, c});
    team.run([&](Lane& lane) {
      const Slice mine = lane.slice(rows);
      std::vector<float> values(size), in_order(group_columns);
      bool kept[4] = {};
      for (std::size_t row = mine.begin; row < mine.end; ++row) {
        for (std::size_t i = 0; i < size; ++i) values[i] = weights[row * n + order[begin + i]] + feedback[row * size + i];
        for (std::size_t i = size; i-- > 0;) {
          const std::size_t column = order[begin + i], group = column / group_columns;
          if (!fixed_scales && column % group_columns == 0) {  // natural order: the group's columns are those before i, backwards
            const std::size_t width = std::min(group_columns, n - column);
            for (std::size_t k = 0; k < width; ++k) in_order[k] = values[i - k];
            choose_scale(row, group, std::span{in_order}.first(width));
          }
          if (layout.is_sparse() && column % 4 == 0) {
            const std::size_t count = std::min<std::size_t>(4, n - column);
            const std::span<const float> four = weights.subspan(row * n + column, count);
            if (options.mask == Mask::sparsegpt) {
              float from[4] = {};
              for (std::size_t k = 0; k < count; ++k) from[k] = values[i - k];
              const Places places = detail::cheapest_places(from, four.data(), factor.data() + (begin + i) * (n + 1), n, count);
              for (std::size_t k = 0; k < 4; ++k) kept[k] = k == places.first || k == places.second;
            } else {
              detail::keep_two(four, std::span{by_mask}.subspan(column, count), kept);
            }
          }
          const auto [scale, min] = encoder.scales_[row * groups + group];
          float code = zero;
          if (scale != 0 && (!layout.is_sparse() || kept[column % 4]))
            code = std::clamp(detail::round_to_even(std::clamp((values[i] - min) / scale, -1e4f, 1e4f) + zero), 0.f, last);
          encoder.codes_[row * n + column] = static_cast<std::uint8_t>(code);
          const float error = weights[row * n + column] - (scale * (code - zero) + min);
          errors[row * n + begin + i] = error;
          const float* const own = factor.data() + (begin + i) * n + begin;
          for (std::size_t k = 0; k < i; ++k) values[k] += error * own[k];
        }
      }
    });
    end = begin;
  }
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < n; ++i) weights[row * n + order[i]] = errors[row * n + i];
  return encoder;
}

void GptqEncoder::encode(const PackedLayout& layout, std::span<const float>, const EncodedRows& out) const noexcept {
  const std::size_t n = layout.columns, groups = layout.groups(), rows = out.scales.size() / groups;
  for (std::size_t row = 0; row < rows; ++row)
    std::copy_n(codes_.data() + (out.first + row) * n, n, out.codes.data() + row * layout.padded_columns());
  std::copy_n(scales_.data() + out.first * groups, rows * groups, out.scales.data());
}

}  // namespace ingot::quant
