// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/quantize.hpp: a row of activations to int8 codes with scales and the corrections of a matrix.

#include <cstddef>
#include <cstdint>

#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/input.hpp>

namespace ingot::kernels {

/// quantize_row() of `columns` codes under one scale where largest = max|x| is known.
template <class Isa>
INGOT_INLINE void quantize_row_by(float largest, const float* x, std::size_t n, std::size_t columns, const InputForm& form,
                                  std::int8_t* codes, float* scale, std::int32_t* corrections) noexcept {
  using O = Ops<Isa>;
  constexpr float vanishing = 1e-30f;  // below it 127 / largest could overflow; the row counts as zeros
  const float factor = largest > vanishing ? 127.0f / largest : 0.f;
  *scale = largest / 127.0f;

  // Sums are taken of codes in registers: to read the stored ones again would wait for the stores.
  std::size_t i = 0;
  for (std::size_t end = form.group; end <= columns; end += form.group) {
    const std::size_t filled = end < n ? end : n;
    auto sum = O::broadcast(std::int32_t{0});
    for (; i + O::lanes <= filled; i += O::lanes) sum = O::add(sum, O::store_codes(codes + i, x + i, factor));
    for (; i < end; i += O::lanes) {  // what is left of the group, and zeros
      float rest[O::lanes] = {};
      std::int8_t rest_codes[O::lanes];
      for (std::size_t j = 0; i + j < filled; ++j) rest[j] = x[i + j];
      sum = O::add(sum, O::store_codes(rest_codes, rest, factor));
      for (std::size_t j = 0; j < O::lanes && i + j < end; ++j) codes[i + j] = rest_codes[j];
    }
    i = end;
    *corrections++ = form.factor * O::sum_lanes(sum);
  }
}

/// codes = round(x / scale), scale = max|x| / 127 of each block, zeros up to form.columns; corrections[g] = factor * sum of the group's
/// codes. n <= form.columns. codes: [form.columns], scales: [form.scales()], corrections: [form.corrections()]
template <class Isa>
void quantize_row(const float* x, std::size_t n, const InputForm& form, std::int8_t* codes, float* scales,
                  std::int32_t* corrections) noexcept {
  using B = FloatBatch<Isa>;
  const auto magnitude = [](B a, B b) { return xsimd::max(a, xsimd::abs(b)); };
  const auto larger = [](B a, B b) { return xsimd::max(a, b); };
  const std::size_t block = form.scale_columns();
  for (std::size_t begin = 0; begin < form.columns; begin += block) {
    const std::size_t left = form.columns - begin, columns = left < block ? left : block;
    const std::size_t rest = n > begin ? n - begin : 0, filled = rest < columns ? rest : columns;
    const float largest = max_lanes<Isa>(fold<Isa>(x + begin, filled, 0.f, 0.f, magnitude, larger));
    quantize_row_by<Isa>(largest, x + begin, filled, columns, form, codes + begin, scales++, corrections);
    corrections += columns / form.group;
  }
}

}  // namespace ingot::kernels
