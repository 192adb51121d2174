// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/kernels/fixtures.hpp: seeded matrices and activations, and their values in double precision.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/float16.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/quant/visit.hpp>

#include "evex.hpp"

namespace fixtures {

using namespace ingot;
using kernels::Functions;
using kernels::MatrixBytes;
using quant::PackedLayout;

/// The tables of ingot::runtime that this machine can run, best first; scalar is the last.
inline std::vector<const Functions*> shipped() {
  std::vector<const Functions*> found;
  for (const std::string_view name : {"amx", "avx512vnni", "avx-vnni", "avx2", "neon-i8mm", "neon-dotprod", "scalar"})
    if (const Functions* f = kernels::find_functions(name)) found.push_back(f);
  return found;
}

/// Those, and what only tests have.
inline std::vector<const Functions*> runnable() {
  std::vector<const Functions*> found = shipped();
#if INGOT_TEST_EVEX
  if (Evex::supported()) found.insert(found.end() - 1, &kernels::Instantiate<Evex>::functions());
#endif
  return found;
}

/// Lengths of rows with every remainder, and what a kernel must not write.
inline constexpr std::size_t row_lengths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 576, 1000};
inline constexpr float untouched = -777.0f;

/// The largest difference in units of `scale`.
inline double distance(const std::vector<float>& got, const std::vector<double>& expected, double scale) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::fabs(got[i] - expected[i]) / scale;
    if (!(difference <= worst)) worst = difference;  // NaN stays
  }
  return worst;
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_{seed} {}
  float normal() { return normal_(engine_); }
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(engine_() % end); }
  std::vector<float> normals(std::size_t n) {
    std::vector<float> v(n);
    for (float& x : v) x = normal();
    return v;
  }

 private:
  std::mt19937 engine_;
  std::normal_distribution<float> normal_{0.0f, 1.0f};
};

template <class T>
T read(const std::byte* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <class T>
void write(std::byte* p, T v) {
  std::memcpy(p, &v, sizeof v);
}

/// A matrix of random codes (padding included: it must not count) and sensible scales.
struct PackedRandom {
  PackedLayout layout;
  Buffer<std::byte> quants, scales;

  PackedRandom(const Scheme& scheme, std::size_t rows, std::size_t columns, Random& random)
      : layout{scheme, rows, columns}, quants{layout.quant_bytes()}, scales{layout.scale_bytes()} {
    const auto half = [&](float magnitude) { return to_f16(magnitude * (0.5f + std::fabs(random.normal()))); };
    if (!scheme.is_integer()) {
      for (std::size_t i = 0; i < quants.size(); i += scheme.bits / 8) {
        const float v = random.normal();
        if (scheme == quant::f32) write(&quants[i], v);
        if (scheme == quant::f16) write(&quants[i], to_f16(v));
        if (scheme == quant::bf16) write(&quants[i], to_bf16(v));
      }
      return;
    }
    for (std::byte& b : quants) b = static_cast<std::byte>(random.below(256));
    const bool nested = scheme.scale == quant::Scale::nested, min = scheme.zero == Zero::min;
    for (std::size_t row = 0; row < layout.panels() * 16; ++row)
      for (std::size_t g = 0; g < layout.groups(); ++g) {
        std::byte* p = &scales[layout.scale_offset(row, g)];
        const std::size_t lane = row % 16;
        if (nested) {
          std::byte* header = &scales[layout.nested_header_offset(row, g)];
          write(header + 2 * lane, half(1e-4f));
          if (min) write(header + 32 + 2 * lane, half(1e-3f));
          p[lane] = static_cast<std::byte>(random.below(256));
          if (min) p[16 + lane] = static_cast<std::byte>(random.below(256));
        } else if (scheme.scale == quant::Scale::single) {
          write(p + 4 * lane, 0.01f * (0.5f + std::fabs(random.normal())));
          if (min) write(p + 64 + 4 * lane, 0.1f * random.normal());
        } else {
          write(p + 2 * lane, half(0.01f));
          if (min) write(p + 32 + 2 * lane, to_f16(0.1f * random.normal()));
        }
      }
  }

  std::uint32_t input_block = 0;

  [[nodiscard]] MatrixBytes bytes() const { return {layout, quants.data(), scales.data(), input_block}; }

  /// What a weight is the sum of; float rounding is relative to both.
  struct Terms {
    double product = 0, min = 0;
  };

  [[nodiscard]] double weight(std::size_t row, std::size_t column) const {
    const Terms both = terms(row, column);
    return both.product + both.min;
  }
  /// The weight as the layout's comment defines it.
  [[nodiscard]] Terms terms(std::size_t row, std::size_t column) const {
    const Scheme& s = layout.scheme;
    if (layout.is_sparse()) return {kept_weight(row, column)};
    const std::byte* p = &quants[layout.quant_offset(row, column)];
    if (s == quant::f32) return {read<float>(p)};
    if (s == quant::f16) return {to_float(read<f16>(p))};
    if (s == quant::bf16) return {to_float(read<bf16>(p))};
    int code = std::to_integer<int>(*p) >> layout.quant_shift(column) & ((1 << layout.low_bits()) - 1);
    if (layout.high_bits() != 0) {
      const int high = std::to_integer<int>(quants[layout.high_offset(row, column)]) >> layout.high_shift(column);
      code |= (high & ((1 << layout.high_bits()) - 1)) << layout.low_bits();
    }
    const std::size_t g = column / layout.group_columns(), lane = row % 16;
    const std::byte* scale = &scales[layout.scale_offset(row, g)];
    const bool min = s.zero == Zero::min;
    if (s.scale == quant::Scale::nested) {
      const std::byte* header = &scales[layout.nested_header_offset(row, g)];
      const double d = to_float(read<f16>(header + 2 * lane));
      if (!min) return {d * read<std::int8_t>(scale + lane) * (code - s.zero_point())};
      const double d_min = to_float(read<f16>(header + 32 + 2 * lane));
      return {d * read<std::uint8_t>(scale + lane) * code, -d_min * read<std::uint8_t>(scale + 16 + lane)};
    }
    const bool single = s.scale == quant::Scale::single;
    const double d = single ? read<float>(scale + 4 * lane) : to_float(read<f16>(scale + 2 * lane));
    if (!min) return {d * (code - s.zero_point())};
    return {d * code, single ? read<float>(scale + 64 + 4 * lane) : to_float(read<f16>(scale + 32 + 2 * lane))};
  }

 private:
  [[nodiscard]] double kept_weight(std::size_t row, std::size_t column) const {
    constexpr int places[6][2] = {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}};
    const std::byte* panel = &quants[row / 16 * layout.panel_quant_bytes()];
    const auto word = read<std::uint16_t>(panel + column / 48 * 64 + row % 16 * 4 + column / 4 % 2 * 2);
    std::uint64_t shifted = word;  // * 6^(digits before this one and itself) / 2^16: the integer part ends with the digit
    for (std::size_t i = 0; i <= column % 48 / 8; ++i) shifted *= 6;
    const auto& kept = places[(shifted >> 16) % 6];
    const auto at = static_cast<int>(column % 4);
    if (at != kept[0] && at != kept[1]) return 0;
    const std::size_t code_column = column / 4 * 2 + (at == kept[1] ? 1 : 0);
    const PackedLayout codes = layout.kept();
    const std::byte* p = panel + layout.place_bytes() + codes.quant_offset(row % 16, code_column);
    const int code = std::to_integer<int>(*p) >> codes.quant_shift(code_column) & ((1 << codes.low_bits()) - 1);
    const std::byte* scale = &scales[layout.scale_offset(row, column / layout.group_columns())];
    const float d =
        layout.scheme.scale == quant::Scale::single ? read<float>(scale + 4 * (row % 16)) : to_float(read<f16>(scale + 2 * (row % 16)));
    return d * static_cast<double>(code - layout.scheme.zero_point());
  }
};

/// Rows of activations in the form a layout asks for, quantized by one table.
struct Activations {
  std::vector<float> floats, scales;
  std::vector<std::int8_t> codes;
  std::vector<std::int32_t> corrections;
  kernels::InputForm form;
  std::size_t rows, columns;

  Activations(const Functions& f, const PackedLayout& layout, std::vector<float> values, std::uint32_t input_block = 0)
      : floats{std::move(values)},
        form{kernels::form_of(layout, input_block)},
        rows{floats.size() / layout.columns},
        columns{layout.columns} {
    if (!form.integer) return;
    scales.resize(rows * form.scales()), codes.resize(rows * form.columns), corrections.resize(rows * form.corrections());
    for (std::size_t t = 0; t < rows; ++t)
      f.quantize_row(&floats[t * columns], columns, form, &codes[t * form.columns], &scales[t * form.scales()],
                     &corrections[t * form.corrections()]);
  }
  [[nodiscard]] kernels::Input input(std::size_t first = 0, std::size_t count = SIZE_MAX) const {
    count = std::min(count, rows - first);
    if (!form.integer) return {.floats = floats.data() + first * columns, .stride = columns, .rows = count};
    return {.codes = codes.data() + first * form.columns,
            .stride = form.columns,
            .scales = scales.data() + first * form.scales(),
            .scale_stride = form.scales(),
            .corrections = corrections.data() + first * form.corrections(),
            .correction_stride = form.corrections(),
            .rows = count};
  }
  [[nodiscard]] double value(std::size_t t, std::size_t k) const {
    if (!form.integer) return static_cast<double>(floats[t * columns + k]);
    const float scale = scales[t * form.scales() + k / form.scale_columns()];
    return static_cast<double>(scale) * codes[t * form.columns + k];
  }
};

}  // namespace fixtures
