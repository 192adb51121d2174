// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/equivalent_scales.hpp: factors that move from an input into the matrices behind it, so that rounding costs
              // less.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/result.hpp>
#include <ingot/quant/input_sample.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/packed_matrix.hpp>
#include <ingot/quant/product.hpp>

namespace ingot {
class Team;
}

namespace ingot::quant {

/// Which factors are tried, and how they are judged.
enum class ScaleRule : std::uint8_t {
  activation_aware,  ///< AWQ (arXiv 2306.00978): by mean magnitudes; weights are rounded
  smooth,            ///< SmoothQuant (arXiv 2211.10438): by largest values; weights and, as in the kernels, inputs are rounded
  learned,           ///< OmniQuant's equivalent scales (arXiv 2308.13137): by gradient, from those of AWQ on
};

struct ScaleSearch {
  ScaleRule rule = ScaleRule::activation_aware;
  std::uint32_t epochs = 20;         ///< of ScaleRule::learned: steps, each over the whole sample
  double rate = 5e-3, decay = 1e-4;  ///< of them, on the logarithms of factors
  bool clips = true;  ///< of ScaleRule::learned: whether matrices get clips (clipping.hpp), where blocks are searched as a whole
};

/// A matrix behind an input.
class InputReader {
 public:
  /// Reads `rows`, all of them, and keeps at most `most_rows`, evenly spaced. layout: of the matrix, an integer scheme; input_block:
  /// columns of an input that share an int8 scale. Errors: those of `rows`; damaged (a weight is not finite).
  [[nodiscard]] static Result<InputReader> read(const PackedLayout& layout, std::uint32_t input_block, const RowSource& rows,
                                                std::size_t most_rows, Team& team);

  PackedLayout layout;             ///< of the rows kept
  std::uint32_t input_block = 0;   ///< columns
  Buffer<float> weights;           ///< [layout.rows, layout.columns]
  std::vector<float> mean_shares;  ///< [columns]: mean over all rows of |w| / max|w| of its group
  std::vector<float> largest;      ///< [columns]: max|w| over all rows
};

struct FoundScales {
  std::vector<float> factors;   ///< of weights; inputs are divided by them. Their geometric mean is 1
  std::vector<float> proposed;  ///< the same before the gradient steps: the best that a formula gives
  double error = 0;             ///< of the readers' outputs, squared and relative, summed over readers
  double error_without = 0;     ///< with factors of 1
};

/// Searches the factors of one input. factor_of: [columns] the factor of each column; count: how many there are. The result is the same for
/// every number of threads. Compiled in ingot::runtime.
[[nodiscard]] FoundScales search_scales(const ScaleSearch& search, std::span<const InputReader> readers, const InputSample& sample,
                                        std::span<const std::uint32_t> factor_of, std::size_t count, const Product& product, Team& team);

}  // namespace ingot::quant
