// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/mask.hpp: which two of four weights a 2:4 matrix keeps: the largest, or those that its inputs make largest.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <ingot/quant/pack.hpp>

namespace ingot::quant {

/// What weights are kept by.
enum class Mask : std::uint8_t {
  magnitude,  ///< |w|
  wanda,      ///< |w| times the norm of the input that it multiplies (arXiv 2306.11695)
  sparsegpt,  ///< the least error of the outputs after GPTQ has made up for it (arXiv 2301.00774); in GptqEncoder only
};

namespace detail {

/// Whether each weight of a four (or of what is left of a row) is among the two of largest |w|^2 importance; of equals, as where an input
/// is always 0, the larger |w|, then the first. A weight of 0 never is.
inline void keep_two(std::span<const float> weights, std::span<const float> importance, std::span<bool, 4> kept) noexcept {
  const auto larger = [&](std::size_t a, std::size_t b) {
    const float of_a = weights[a] * weights[a] * importance[a], of_b = weights[b] * weights[b] * importance[b];
    if (of_a != of_b) return of_a > of_b;
    return std::abs(weights[a]) != std::abs(weights[b]) ? std::abs(weights[a]) > std::abs(weights[b]) : a < b;
  };
  for (std::size_t i = 0; i < weights.size(); ++i) {
    std::size_t before = 0;
    for (std::size_t j = 0; j < weights.size(); ++j) before += j != i && larger(j, i);
    kept[i] = before < 2 && weights[i] != 0;
  }
}

}  // namespace detail

/// Zeroes all but two of each four weights of a row. importance: sums of squares of each input, or ones; as many as weights
inline void prune_row(std::span<float> row, std::span<const float> importance) noexcept {
  for (std::size_t i = 0; i < row.size(); i += 4) {
    const std::size_t count = std::min<std::size_t>(4, row.size() - i);
    bool kept[4] = {};
    detail::keep_two(row.subspan(i, count), importance.subspan(i, count), kept);
    for (std::size_t k = 0; k < count; ++k)
      if (!kept[k]) row[i + k] = 0;
  }
}

/// The rows of `rows`, pruned. importance: [columns], or empty for ones
[[nodiscard]] inline RowSource pruned(RowSource rows, std::size_t columns, std::vector<float> importance) {
  if (importance.empty()) importance.assign(columns, 1.f);
  return [rows = std::move(rows), importance = std::move(importance)](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
    INGOT_CHECK(rows(begin, end, out));
    const std::size_t width = importance.size();
    for (std::size_t at = 0; at < out.size(); at += width) prune_row(out.subspan(at, width), importance);
    return {};
  };
}

/// Whether each four weights of a matrix that is not 0 have two zeros at least: it has been pruned 2:4. Reads rows up to the first that has
/// not.
[[nodiscard]] inline Result<bool> is_pruned(const RowSource& rows, std::size_t count, std::size_t columns) {
  std::vector<float> row(columns);
  bool any = false;
  for (std::size_t r = 0; r < count; ++r) {
    INGOT_CHECK(rows(r, r + 1, row));
    for (std::size_t i = 0; i < columns; i += 4) {
      const auto four = std::span<const float>{row}.subspan(i, std::min<std::size_t>(4, columns - i));
      const auto filled = std::count_if(four.begin(), four.end(), [](float w) { return w != 0; });
      if (filled > 2) return false;
      any |= filled != 0;
    }
  }
  return any && columns > 2;
}

/// The 2:4 scheme of the bits and groups of `scheme`, symmetric. One that is_shipped() or not.
[[nodiscard]] constexpr Scheme sparse_scheme(Scheme scheme) noexcept {
  scheme.zero = Zero::none;
  scheme.sparsity = Sparsity::two_of_four;
  return scheme;
}
static_assert(is_shipped(sparse_scheme({.bits = 4, .group = 64, .zero = Zero::min})) && !is_shipped(sparse_scheme({.bits = 3})));

}  // namespace ingot::quant
