// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/matrix.hpp: a packed matrix with the kernels chosen for its scheme and the CPU.

#include <cstddef>
#include <cstdint>

#include <ingot/core/config.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::kernels {

/// A packed matrix without its type: what kernels are told about it.
struct MatrixBytes {
  PackedLayout layout{quant::f32};
  const std::byte* quants = nullptr;  // [panels, lines, 64]
  const std::byte* scales = nullptr;  // [panels, groups, ...]
  std::uint32_t input_block = 0;      // as form_of() takes it

  /// How the rows that it multiplies are stored.
  [[nodiscard]] constexpr InputForm form() const noexcept { return form_of(layout, input_block); }
  /// Asks for the bytes with which a product of `panels` begins, into the L2 cache: as many as kernels ask ahead later, at the beginning
  /// and in the middle, for those that read two strips apart.
  INGOT_INLINE void ask_for(Slice panels) const noexcept {
    constexpr std::size_t most = 4096, line = 64;
    const auto ask = [&](const std::byte* plane, std::size_t panel_bytes, std::size_t limit) {
      const std::size_t half = (panels.size() + 1) / 2, bytes = half * panel_bytes < limit ? half * panel_bytes : limit;
      for (const std::size_t panel : {panels.begin, panels.begin + half})
        for (std::size_t i = 0; panel < panels.end && i < bytes; i += line) __builtin_prefetch(plane + panel * panel_bytes + i, 0, 2);
    };
    ask(quants, layout.panel_quant_bytes(), most);
    ask(scales, layout.panel_scale_bytes(), most / 8);
  }
  /// Some of its panels as a matrix of their own.
  [[nodiscard]] constexpr MatrixBytes part(Slice panels) const noexcept {
    const std::size_t end = panels.end * quant::panel_rows, rows = end < layout.rows ? end : layout.rows;
    return {{layout.scheme, rows - panels.begin * quant::panel_rows, layout.columns},
            quants + panels.begin * layout.panel_quant_bytes(),
            scales + panels.begin * layout.panel_scale_bytes(),
            input_block};
  }
};

/// What a product does with the values that stand in y already.
enum class Update : bool {
  store,  ///< y = W x
  add,    ///< y += W x: the residual connection, the next page of values
};

/// What becomes of a product's results while they are in registers.
struct Epilogue {
  Update update = Update::store;
  const float* bias = nullptr;  ///< [rows of the matrix], added to each result; or none

  /// The same for the outputs from `output` on.
  [[nodiscard]] INGOT_INLINE Epilogue from(std::size_t output) const noexcept {
    return {update, bias == nullptr ? nullptr : bias + output};
  }
};

/// The kernels of one scheme for one ISA.
struct MatrixFunctions {
  void (*multiply)(const MatrixBytes&, const Input&, float* y, std::size_t y_stride, Slice panels, const Epilogue&) noexcept = nullptr;
  void (*row)(const MatrixBytes&, std::size_t r, float* out) noexcept = nullptr;
};

/// Handle of a matrix whose scheme was known at run time only: an indirect call for each product, none inside.
struct Matrix : MatrixBytes {
  const MatrixFunctions* functions = nullptr;

  /// y[t][n] = sum_k w[n][k] x[t][k], or what the epilogue makes of it, for the rows t of x and the outputs n of `panels` (16 each, none
  /// past layout.rows). The bits of a result depend neither on how panels are sliced nor on which rows are multiplied together.
  void multiply(const Input& x, float* y, std::size_t y_stride, Slice panels, const Epilogue& epilogue = {}) const noexcept {
    functions->multiply(*this, x, y, y_stride, panels, epilogue);
  }
  /// Dequantizes row r: an embedding. out: [columns]
  void row(std::size_t r, float* out) const noexcept { functions->row(*this, r, out); }
  [[nodiscard]] constexpr Matrix part(Slice panels) const noexcept { return {MatrixBytes::part(panels), functions}; }
};

}  // namespace ingot::kernels
