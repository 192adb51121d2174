// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/float_product_definitions.hpp: b is packed slab by slab, a multiplies it; ingot::runtime compiles it, once.

#include <algorithm>
#include <cstddef>

#include <ingot/core/buffer.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/float_product.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::kernels {

namespace detail {

/// Rows of b that are packed at a time: 256 of 8192 columns are 8 MiB.
inline constexpr std::size_t slab_rows = 256;

/// The panels of `slice` of transposed b: panel p holds its columns 16 p to 16 p + 15, one line for each row of b.
inline void pack_columns(const Rows<const float>& b, std::size_t first, std::size_t count, Slice slice, float* packed) {
  const std::size_t columns = b.extent(1);
  for (std::size_t panel = slice.begin; panel < slice.end; ++panel)
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t begin = panel * quant::panel_rows, width = std::min(quant::panel_rows, columns - begin);
      std::copy_n(b.row(first + k) + begin, width, packed + (panel * count + k) * quant::panel_rows);
    }
}

}  // namespace detail

quant::Product float_product(const Functions& functions, Team& team) {
  return [&functions, &team](Rows<const float> a, Rows<const float> b, Rows<float> c) {
    const std::size_t m = a.extent(0), n = c.extent(1), inner = b.extent(0), panels = divide_up(n, quant::panel_rows);
    if (m == 0 || n == 0 || inner == 0) return;
    Buffer<float> packed{panels * std::min(inner, detail::slab_rows) * quant::panel_rows};  // rows past n stay zeros
    for (std::size_t first = 0; first < inner; first += detail::slab_rows) {
      const std::size_t count = std::min(detail::slab_rows, inner - first);
      const Matrix slab{{{quant::f32, n, count}, reinterpret_cast<const std::byte*>(packed.data()), nullptr}, functions.matrix(quant::f32)};
      team.run([&](Lane& lane) {
        const Slice mine = lane.slice(panels);
        detail::pack_columns(b, first, count, mine, packed.data());
        const Input x{.floats = a.data() + first, .stride = a.layout().stride(), .rows = m};
        if (!mine.empty()) slab.multiply(x, c.data(), c.layout().stride(), mine, {Update::add, nullptr});
      });
    }
  };
}

}  // namespace ingot::kernels
