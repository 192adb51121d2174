// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/page_product.hpp: products of rows with a page's keys or values, in blocks where the CPU multiplies those.

#include <cstddef>
#include <cstdint>
#include <optional>

#include <ingot/kernels/block_scratch.hpp>
#include <ingot/kernels/epilogue.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/kernels/multiply.hpp>

namespace ingot::kernels::detail {

/// Holds the block registers in the form that int8 pages need, from construction to destruction: once for all pages of a task.
template <class Isa>
class PageRegisters {
 public:
  INGOT_INLINE explicit PageRegisters(bool) noexcept {}
};
template <class Isa>
requires multiplies_blocks<Isa>
class PageRegisters<Isa> {
  using B = typename Ops<Isa>::Blocks;

 public:
  INGOT_INLINE explicit PageRegisters(bool used) noexcept {
    if (used) blocks_.emplace(B::most_columns, 4, 6);
  }

 private:
  std::optional<B> blocks_;
};

/// Whether blocks multiply `rows` rows with pages of this layout: whole steps of a block's columns.
template <class Isa, quant::Scheme KV>
[[nodiscard]] INGOT_INLINE bool takes_blocks(std::size_t rows, std::size_t columns) noexcept {
  if constexpr (multiplies_blocks<Isa> && KV.is_integer())
    return rows >= Ops<Isa>::Blocks::rows && columns % Ops<Isa>::Blocks::most_columns == 0;
  else
    return false;
}

/// Scales the totals of 16 rows with up to four panels and writes those from row `skip` on. In the order of integer_tile().
template <class Isa>
INGOT_INLINE void write_totals(const BlockTotals (&totals)[2], const MatrixBytes& w, const Input& x, std::size_t skip, float* y,
                               std::size_t y_stride, std::size_t panel, std::size_t panels, Update update) noexcept {
  using O = Ops<Isa>;
  using floats = typename O::floats;
  floats scales[4];
  for (std::size_t p = 0; p < panels; ++p)
    scales[p] = load_scale<Isa>(false, false, w.scales + (panel + p) * w.layout.panel_scale_bytes(), 0, 0).scale;
  for (std::size_t r = skip; r < O::Blocks::rows; ++r) {
    const auto correction = O::broadcast(x.corrections[r * x.correction_stride]);
    const floats input_scale = O::broadcast(x.scales[r * x.scale_stride]), zero = O::broadcast(0.f);
    for (std::size_t p = 0; p < panels; ++p) {
      const auto total = O::add(O::load_ints(&totals[p / 2][p % 2][r * quant::panel_rows]), correction);
      const floats sum = O::multiply_add(O::multiply_add(O::to_floats(total), scales[p], zero), input_scale, zero);
      write_strip<Isa>(y + r * y_stride + p * quant::panel_rows, sum, zero, w.layout.rows - (panel + p) * quant::panel_rows, update);
    }
  }
}

/// y = W x (or y += W x), bit for bit what multiply_integers() gives, for at least 16 rows while PageRegisters are held. The codes of a
/// page lie as blocks of weights do: they are read where they are. Attention of 512 rows takes 0.82 of the time that tiles take, of 64 rows
/// behind 2048 positions 0.73 (two Emerald Rapids cores).
template <class Isa>
INGOT_NOINLINE void multiply_page_blocks(const MatrixBytes& w, const Input& x, float* y, std::size_t y_stride, Slice panels,
                                         Update update) noexcept {
  using B = typename Ops<Isa>::Blocks;
  constexpr std::size_t at_once = 4;
  const std::size_t steps = w.layout.padded_columns() / B::most_columns;
  alignas(quant::line_bytes) BlockTotals totals[2];
  for (std::size_t first = 0; first < x.rows; first += B::rows) {
    const std::size_t token = smaller<Isa>(first, x.rows - B::rows);
    const Input rows = x.from(token, B::rows);
    for (std::size_t panel = panels.begin; panel < panels.end; panel += at_once) {
      const std::size_t count = smaller<Isa>(panels.end - panel, at_once);
      const std::byte* const weights = w.quants + panel * w.layout.panel_quant_bytes();
      const auto each = [&](auto&& use) __attribute__((always_inline)) {
        use.template operator()<0>();
        if (count > 1) use.template operator()<1>();
        if (count > 2) use.template operator()<2>();
        if (count > 3) use.template operator()<3>();
      };
      each([&]<std::size_t p>() __attribute__((always_inline)) { B::template clear<p>(); });
      for (std::size_t s = 0; s < steps; ++s) {
        B::template load<4>(rows.codes + s * B::most_columns, rows.stride);
        each([&]<std::size_t p>() __attribute__((always_inline)) {
          B::template load<6 + p % 2>(weights + p * w.layout.panel_quant_bytes() + s * B::most_columns * quant::panel_rows,
                                      quant::line_bytes);
          B::template multiply<p, 4, 6 + p % 2, false>();
        });
      }
      each([&]<std::size_t p>() __attribute__((always_inline)) { B::template store<p>(totals[p / 2][p % 2], quant::line_bytes); });
      write_totals<Isa>(totals, w, rows, first - token, y + token * y_stride + panel * quant::panel_rows, y_stride, panel, count, update);
    }
  }
}

/// y = W x (or y += W x) for `columns` columns of a page's keys or values; an int8 page is read whole. PageRegisters are held where
/// takes_blocks() says that blocks multiply.
template <class Isa, quant::Scheme KV>
INGOT_INLINE void multiply_page(const MatrixBytes& w, const Input& x, std::size_t columns, float* y, std::size_t y_stride, Slice panels,
                                const Epilogue& epilogue) noexcept {
  if constexpr (!KV.is_integer()) {
    multiply_floats<Isa, KV>(w, x, columns, y, y_stride, panels, epilogue);
  } else {
    if constexpr (multiplies_blocks<Isa>)
      if (takes_blocks<Isa, KV>(x.rows, w.layout.columns)) return multiply_page_blocks<Isa>(w, x, y, y_stride, panels, epilogue.update);
    multiply_integers<Isa, KV, PageTiles>(w, x, y, y_stride, panels, epilogue);
  }
}

}  // namespace ingot::kernels::detail
