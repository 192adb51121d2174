// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/kept_products.hpp: the products of a tile with a group of a 2:4 matrix: activations are picked, not weights
              // spread.

#include <cstddef>
#include <cstdint>
#include <utility>

#include <ingot/core/config.hpp>
#include <ingot/kernels/fields.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

/// The places of the next columns of each strip of a tile, which walks along the rows.
template <class Isa, std::size_t strips>
struct PlaceReader {
  using O = Ops<Isa>;
  typename O::bytes places[strips];
  std::size_t line = 0, left = 0;  // the next line, sixteens of columns under the one read last

  /// places of the next 16 columns; `w` as below
  template <TileShape T>
  INGOT_INLINE void next(const std::byte* const (&w)[strips]) noexcept {
    if (left == 0) {
      INGOT_UNROLL for (std::size_t n = 0; n < strips; ++n) {
        places[n] = O::load_bytes(w[n] + line);
        if constexpr (T.prefetch != 0) O::prefetch(w[n] + line + T.prefetch / 2);
        if constexpr (T.prefetch_l2 != 0) O::prefetch_l2(w[n] + line + T.prefetch_l2 / 2);
      }
      line += quant::line_bytes;
      left = quant::placed_columns / 16;
    } else {
      INGOT_UNROLL for (std::size_t n = 0; n < strips; ++n) places[n] = O::template next_places<36>(places[n]);
    }
    --left;
  }
};

/// total[m][n] += the products of columns [begin, end), whole 32s of them and those to which `reader` has come, of a 2:4 matrix whose
/// panels open with `place_bytes` of places: `w` points at the words of each strip in its panel's first line, `x` at the first row of
/// activations. Four kept codes lie in a lane, of eight columns; their activations are shuffled beside them, lane by lane. So a product of
/// four bytes stands for eight columns: beside one token that is as many operations as of a dense matrix, and only the places, four
/// operations for all tokens, come on top. x86 multiplies unsigned bytes by signed ones, and neither is: for one token the codes go as they
/// are stored, and the zero point z times the activations is taken off; for several the activations go as x + 128, and 128 times the codes
/// is, once. A line of 4-bit codes, a + 16 b in each byte, is not even taken apart for one token: beside the activations x of a and y of b
/// sum (b - z) y = (sum (a + 16 b) y - sum (a + 16 z) y) / 16, and a + 16 z serves sum (a - z) x = sum (a + 16 z) x - sum 17 z x, too.
template <class Isa, quant::Scheme S, TileShape T>
INGOT_INLINE void kept_products(typename Ops<Isa>::ints (&total)[T.tokens][T.strips], PlaceReader<Isa, T.strips>& reader,
                                const std::byte* const (&w)[T.strips], const std::int8_t* x, std::size_t stride, std::size_t begin,
                                std::size_t end, std::size_t place_bytes) noexcept {
  using O = Ops<Isa>;
  using bytes = typename O::bytes;
  constexpr quant::Scheme kept_scheme = quant::PackedLayout{S, quant::panel_rows, 0}.kept().scheme;
  using F = Fields<kept_scheme>;
  constexpr std::size_t M = T.tokens, N = T.strips, fold = 2 * O::template kept_fold<S.bits>;
  constexpr std::size_t chains = M * N == 1 ? 2 : 1;  // one sum alone would wait for itself
  constexpr auto zero = static_cast<std::uint8_t>(S.zero_point());
  constexpr bool plain = O::takes_signed, by_codes = !plain && M == 1, by_lines = by_codes && N == 1 && S.bits == 4 && fold == 0;

  do {  // a group is never empty
    typename O::partials sum[chains][M][N] = {}, added[chains][N] = {};
    const auto sixteen = [&]<std::size_t h>(const auto& codes, std::size_t k) __attribute__((always_inline)) {
      reader.template next<T>(w);
      if constexpr (by_lines) {
        const bytes line = codes[0].low[h], marked = O::low_nibbles(line, 16 * zero), values = O::load_sixteen(x + k);
        const bytes of_low = O::pick(values, O::template positions<0>(reader.places[0]));
        const bytes of_high = O::pick(values, O::template positions<1>(O::template next_places<6>(reader.places[0])));
        O::template multiply_bytes<S.bits>(sum[0][0][0], marked, of_low);
        O::template multiply_bytes<S.bits>(added[0][0], O::broadcast_byte(17 * zero), of_low);
        O::template multiply_bytes<S.bits>(sum[1][0][0], line, of_high);
        O::template multiply_bytes<S.bits>(added[1][0], marked, of_high);
      } else {
        bytes kept[2][N], at[2][N];
        INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
          at[0][n] = O::template positions<0>(reader.places[n]);
          at[1][n] = O::template positions<1>(O::template next_places<6>(reader.places[n]));
          kept[0][n] = codes[n].template quad<2 * h>(), kept[1][n] = codes[n].template quad<2 * h + 1>();
          if constexpr (!by_codes)
            INGOT_UNROLL for (std::size_t s = 0; s < 2; ++s) kept[s][n] = O::subtract_bytes(kept[s][n], O::broadcast_byte(zero));
          if constexpr (!plain && !by_codes)
            INGOT_UNROLL for (std::size_t s = 0; s < 2; ++s)
                O::template multiply_bytes<S.bits>(added[s % chains][n], O::broadcast_byte(128), kept[s][n]);
        }
        INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) {
          bytes values = O::load_sixteen(x + m * stride + k);
          if constexpr (!plain && !by_codes) values = O::subtract_bytes(values, O::broadcast_byte(128));  // as good as adding
          INGOT_UNROLL for (std::size_t s = 0; s < 2; ++s) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
            const bytes picked = O::pick(values, at[s][n]);
            if constexpr (by_codes) {
              O::template multiply_bytes<S.bits>(sum[s % chains][m][n], kept[s][n], picked);
              O::template multiply_bytes<S.bits>(added[s % chains][n], O::broadcast_byte(zero), picked);
            } else {
              O::template multiply_bytes<S.bits>(sum[s % chains][m][n], picked, kept[s][n]);
            }
          }
        }
      }
    };
    const std::size_t stop = fold == 0 || end - begin < fold ? end : begin + fold;
    do {
      const std::size_t stored = begin / 2, unit = place_bytes + stored / F::columns * F::bytes, half = stored % F::columns / 16;
      INGOT_UNROLL for (std::size_t i = 0; i < (S.bits + 1) / 2; ++i) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
        const std::byte* p = w[n] + place_bytes + begin * S.bits + i * quant::line_bytes;
        if constexpr (T.prefetch != 0) O::prefetch(p + T.prefetch);
        if constexpr (T.prefetch_l2 != 0) O::prefetch_l2(p + T.prefetch_l2);
      }
      [&]<std::size_t... n>(std::index_sequence<n...>) __attribute__((always_inline)) {
        const Quads<Isa, kept_scheme, 0, 4> codes[N] = {{w[n] + unit, half}...};
        sixteen.template operator()<0>(codes, begin);
        sixteen.template operator()<1>(codes, begin + 16);
      }
      (std::make_index_sequence<N>{});
      begin += 32;
    } while (begin < stop);
    if constexpr (by_lines) {
      total[0][0] = O::add(total[0][0], O::subtract(sum[0][0][0], added[0][0]));
      total[0][0] = O::add(total[0][0], O::sixteenth(O::subtract(sum[1][0][0], added[1][0])));
    } else {
      INGOT_UNROLL for (std::size_t c = 0; c < chains; ++c) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
        INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) total[m][n] = O::add(total[m][n], O::template kept_sum<S.bits>(sum[c][m][n]));
        if constexpr (!plain) {
          const typename O::ints too_much = O::template kept_sum<S.bits>(added[c][n]);
          INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) total[m][n] = O::subtract(total[m][n], too_much);
        }
      }
    }
  } while (begin < end);
}

}  // namespace ingot::kernels
