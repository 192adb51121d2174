// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/gptq.hpp: codes chosen so that a matrix's outputs stay, not its weights: each column takes on what those
              // before it lost.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/result.hpp>
#include <ingot/quant/encoder.hpp>
#include <ingot/quant/mask.hpp>
#include <ingot/quant/product.hpp>

namespace ingot {
class Team;
}

namespace ingot::quant {

/// The sum of x xT over the inputs x of a matrix, [columns, columns]: its error on them is tr(E Gram ET), E the error of its weights.
class Gram {
 public:
  explicit Gram(std::size_t columns) : columns_{columns}, sums_{columns * columns} {}

  /// x: [rows, columns]
  void add(Rows<const float> x, const Product& product);

  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
  [[nodiscard]] std::size_t inputs() const noexcept { return inputs_; }
  [[nodiscard]] float operator()(std::size_t i, std::size_t j) const noexcept { return sums_[i * columns_ + j]; }
  /// Sums of squares of each input: how much an error in a column of weights counts. [columns]
  [[nodiscard]] std::vector<float> diagonal() const;

 private:
  std::size_t columns_, inputs_ = 0;
  Buffer<float> sums_;
};

/// How much of what the columns of a Gram share is chance, 0 to 1: the intensity with which its correlations r are best shrunk towards 0,
/// the sum of their variances by that of their squares (Schaefer and Strimmer 2005, section 2.4, towards target D), with (1 - r^2)^2 /
/// inputs as the variance of each.
[[nodiscard]] float shrinkage(const Gram& gram);

struct GptqOptions {
  float damping = 0.01f;        ///< times the diagonal's mean, added to the diagonal
  bool shrink = true;           ///< what columns share, by shrinkage(): calibration texts are short, and codes fit their accidents
  bool act_order = false;       ///< columns of large inputs first; scales are those of the weights as they were (static groups)
  Mask mask = Mask::sparsegpt;  ///< of 2:4 schemes
};

/// Chooses codes by GPTQ (arXiv 2210.17323) in the form of LDLQ, which is equivalent and needs no inverse (arXiv 2307.13304, theorem 6):
/// with Gram = U D UT, U unit upper triangular, column k is rounded after the errors of the columns before it were added to it, times
/// U[:, k]. Scales are searched (scale_search.hpp) with the diagonal as importance.
/// 2:4: a weight that is not kept is one that is rounded to 0. By Mask::sparsegpt each four choose, when their turn comes, the two whose
/// loss adds least to sum D_k e_k^2, e_k what column k is off by when it is rounded: of all six choices, with what each makes of the rest
/// of the four. Other masks are those of the weights as they were.
class GptqEncoder final : public Encoder {
 public:
  /// Encodes weights [rows, columns], which become the errors that are left, on all lanes. Errors: damaged (a Gram that is not finite),
  /// unsupported (act_order for a 2:4 scheme: fours are rounded together).
  [[nodiscard]] static Result<GptqEncoder> create(const PackedLayout& layout, std::span<float> weights, const Gram& gram,
                                                  const GptqOptions& options, const Product& product, Team& team);
  GptqEncoder(GptqEncoder&& other) noexcept : codes_{std::move(other.codes_)}, scales_{std::move(other.scales_)} {}

  void encode(const PackedLayout& layout, std::span<const float> weights, const EncodedRows& out) const noexcept override;

 private:
  GptqEncoder() = default;
  std::vector<std::uint8_t> codes_;  // [rows, columns]
  std::vector<GroupScale> scales_;   // [rows, groups]
};

}  // namespace ingot::quant
