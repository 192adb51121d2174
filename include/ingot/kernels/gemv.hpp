// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/gemv.hpp: one call for those who want a product and nothing else of ingot.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ingot/core/buffer.hpp>
#include <ingot/kernels/cpu.hpp>

namespace ingot::kernels {

/// y = W x on the calling thread, with the instructions of Isa, which this translation unit must be compiled for. x: [columns],
/// y: [rows]. Integer matrices quantize x to int8 first; who multiplies several matrices with one x quantizes it once and calls
/// Cpu<Isa>::multiply.
template <class Isa, quant::Scheme S>
void gemv(const quant::PackedMatrix<S>& w, std::span<const float> x, std::span<float> y) {
  assert(x.size() == w.columns && y.size() == w.rows);
  const MatrixBytes matrix{w.layout(), w.quants, w.scales};
  const Slice all{0, matrix.layout.panels()};
  if constexpr (S.is_integer()) {
    const InputForm form = matrix.form();
    Buffer<std::int8_t> codes{form.columns};
    Buffer<std::int32_t> corrections{form.corrections()};
    Buffer<float> scales{form.scales()};
    Cpu<Isa>::quantize_row(x.data(), x.size(), form, codes.data(), scales.data(), corrections.data());
    const Input input{.codes = codes.data(), .stride = form.columns, .scales = scales.data(), .corrections = corrections.data(), .rows = 1};
    Cpu<Isa>::template multiply<S>(matrix, input, y.data(), y.size(), all);
  } else {
    Cpu<Isa>::template multiply<S>(matrix, {.floats = x.data(), .stride = x.size(), .rows = 1}, y.data(), y.size(), all);
  }
}

}  // namespace ingot::kernels

namespace ingot {
namespace isa = kernels::isa;
}  // namespace ingot
