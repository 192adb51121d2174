// SPDX-License-Identifier: Apache-2.0
#pragma once  // benchmarks/kernels/operands.hpp: random matrices and activations with spot values to verify against.

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/float16.hpp>
#include <ingot/kernels/functions.hpp>

namespace bench {

using namespace ingot;

/// Random codes with scales near 0.01, float matrices near 1; activations quantized by the table.
class Operands {
 public:
  Operands(const kernels::Functions& functions, const Scheme& scheme, std::size_t rows, std::size_t columns, std::size_t tokens)
      : layout_{scheme, rows, columns},
        functions_{functions.matrix(scheme)},
        form_{kernels::form_of(layout_)},
        tokens_{tokens},
        quants_{layout_.quant_bytes()},
        scales_{layout_.scale_bytes()},
        floats_(tokens * columns) {
    std::mt19937 random{7};
    std::normal_distribution<float> normal;
    for (float& x : floats_) x = normal(random);
    if (scheme.is_integer()) {
      for (std::size_t i = 0; i < quants_.size(); i += 4) put(&quants_[i], static_cast<std::uint32_t>(random()));
      for (std::size_t i = 0; i < scales_.size(); i += 2) put(&scales_[i], to_f16(0.01f * (1 + 0.1f * static_cast<float>(random() % 8))));
    } else {
      const std::uint32_t one = scheme == quant::f32 ? 0x3f000000u : scheme == quant::bf16 ? 0x3f003f00u : 0x38003800u;
      const std::uint32_t noise = scheme == quant::f32 ? 0x007fffffu : 0x007f007fu;
      for (std::size_t i = 0; i < quants_.size(); i += 4) put(&quants_[i], one | (static_cast<std::uint32_t>(random()) & noise));
    }
    if (!form_.integer) return;
    codes_ = Buffer<std::int8_t>{tokens * form_.columns};
    input_scales_.resize(tokens * form_.scales()), corrections_.resize(tokens * form_.corrections());
    for (std::size_t t = 0; t < tokens; ++t)
      functions.quantize_row(&floats_[t * columns], columns, form_, &codes_[t * form_.columns], &input_scales_[t * form_.scales()],
                             &corrections_[t * form_.corrections()]);
  }

  [[nodiscard]] kernels::Matrix matrix() const { return {{layout_, quants_.data(), scales_.data()}, functions_}; }
  [[nodiscard]] std::size_t bytes() const { return quants_.size() + scales_.size(); }
  [[nodiscard]] kernels::Input input() const {
    if (!form_.integer) return {.floats = floats_.data(), .stride = layout_.columns, .rows = tokens_};
    return {.codes = codes_.data(),
            .stride = form_.columns,
            .scales = input_scales_.data(),
            .scale_stride = form_.scales(),
            .corrections = corrections_.data(),
            .correction_stride = form_.corrections(),
            .rows = tokens_};
  }

  /// y[t][n] from the dequantized row.
  [[nodiscard]] double expected(std::size_t t, std::size_t n) const { return sum(t, n, false); }
  [[nodiscard]] double magnitude(std::size_t t, std::size_t n) const { return sum(t, n, true); }

 private:
  template <class T>
  static void put(std::byte* p, T v) {
    std::memcpy(p, &v, sizeof v);
  }
  [[nodiscard]] double sum(std::size_t t, std::size_t n, bool absolute) const {
    std::vector<float> row(layout_.columns);
    matrix().row(n, row.data());
    double total = 0;
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double x =
          form_.integer ? static_cast<double>(input_scales_[t * form_.scales() + k / form_.scale_columns()]) * codes_[t * form_.columns + k]
                        : static_cast<double>(floats_[t * layout_.columns + k]);
      total += absolute ? std::fabs(row[k] * x) : row[k] * x;
    }
    return total;
  }

  quant::PackedLayout layout_;
  const kernels::MatrixFunctions* functions_;
  kernels::InputForm form_;
  std::size_t tokens_;
  Buffer<std::byte> quants_, scales_;
  Buffer<std::int8_t> codes_;
  std::vector<float> floats_, input_scales_;
  std::vector<std::int32_t> corrections_;
};

}  // namespace bench
