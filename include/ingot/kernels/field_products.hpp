// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/field_products.hpp: the products of a tile with a group of codes of any width.

#include <cstddef>
#include <cstdint>
#include <utility>

#include <ingot/core/config.hpp>
#include <ingot/kernels/fields.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

/// total[m][n] += the products of columns [begin, end), whole sixteens of them, of the matrix: `w` points at the words of each strip in its
/// panel's first line, `x` at the first row of activations.
template <class Isa, quant::Scheme S, TileShape T>
INGOT_INLINE void field_products(typename Ops<Isa>::ints (&total)[T.tokens][T.strips], const std::byte* const (&w)[T.strips],
                                 const std::int8_t* x, std::size_t stride, std::size_t begin, std::size_t end) noexcept {
  using O = Ops<Isa>;
  using F = Fields<S>;
  constexpr std::size_t M = T.tokens, N = T.strips, fold = O::template fold_columns<S.bits>;
  constexpr std::size_t chains = fold == 0 && M * N == 1 ? 2 : 1;  // one sum alone would wait for itself
  using Partials = typename O::partials[chains][M][N];
  constexpr bool direct = fold == 0 && chains == 1;  // the partial sums are the totals: no second set of registers

  // The products of columns 4 * first to 4 * (first + count) of the 16 from `k` on, added to sum(chain, m, n).
  const auto quads = [&]<std::size_t first, std::size_t count>(auto&& sum, std::size_t k) __attribute__((always_inline)) {
    const std::size_t unit = k / F::columns * F::bytes, half = k % F::columns / 16;
    INGOT_UNROLL for (std::size_t i = 0; i < (S.bits + 1) / 2; ++i) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
      const std::byte* p = w[n] + k * 2 * S.bits + i * quant::line_bytes;
      if constexpr (T.prefetch != 0) O::prefetch(p + T.prefetch);
      if constexpr (T.prefetch_l2 != 0) O::prefetch_l2(p + T.prefetch_l2);
    }
    [&]<std::size_t... f, std::size_t... n>(std::index_sequence<f...>, std::index_sequence<n...>) __attribute__((always_inline)) {
      const Quads<Isa, S, first, count> codes[N] = {{w[n] + unit, half}...};
      const auto quad = [&]<std::size_t q>() __attribute__((always_inline)) {
        const typename O::bytes four[N] = {codes[n].template quad<q>()...};
        INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) INGOT_UNROLL for (std::size_t i = 0; i < N; ++i)
            O::template dot<S.bits, T.operand>(sum(q % chains, m, i), four[i], x + m * stride + k + 4 * q);
      };
      (quad.template operator()<first + f>(), ...);
    }
    (std::make_index_sequence<count>{}, std::make_index_sequence<N>{});
  };
  const auto add = [&](Partials & sum) __attribute__((always_inline)) {
    INGOT_UNROLL for (std::size_t c = 0; c < chains; ++c) INGOT_UNROLL for (std::size_t m = 0; m < M; ++m)
        INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
      if constexpr (fold != 0)
        total[m][n] = O::add(total[m][n], O::fold(sum[c][m][n]));
      else
        total[m][n] = O::add(total[m][n], sum[c][m][n]);
    }
  };

  const auto in = [](Partials & sum) __attribute__((always_inline)) {
    return [&sum](std::size_t c, std::size_t m, std::size_t n) __attribute__((always_inline))->auto& { return sum[c][m][n]; };
  };
  if constexpr (direct) {
    const auto in_total = [&](std::size_t, std::size_t m, std::size_t n) __attribute__((always_inline))->auto& { return total[m][n]; };
    for (std::size_t k = begin; k < end; k += 16) quads.template operator()<0, 4>(in_total, k);
  } else if constexpr (fold == 0) {
    Partials sum = {};
    for (std::size_t k = begin; k < end; k += 16) quads.template operator()<0, 4>(in(sum), k);
    add(sum);
  } else if constexpr (fold < 16) {
    static_assert(fold == 8);
    for (std::size_t k = begin; k < end; k += 16) {
      Partials sum = {}, rest = {};
      quads.template operator()<0, 2>(in(sum), k);
      add(sum);
      quads.template operator()<2, 2>(in(rest), k);
      add(rest);
    }
  } else {
    for (std::size_t k = begin; k < end;) {
      Partials sum = {};
      for (const std::size_t stop = end - k < fold ? end : k + fold; k < stop; k += 16) quads.template operator()<0, 4>(in(sum), k);
      add(sum);
    }
  }
}

}  // namespace ingot::kernels
