// SPDX-License-Identifier: Apache-2.0
// The central kernel, 96 tokens times an int4 matrix in groups of 64, from the naive loop to the library's: what each step taught.
#include <immintrin.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include <ingot/kernels/probe.hpp>

#include "kernels/interleaved.hpp"
#include "kernels/operands.hpp"

namespace {

using namespace ingot;

constexpr Scheme scheme{.bits = 4, .group = 64};
constexpr std::size_t rows = 768, columns = 1536, tokens = 96, groups = columns / 64;
constexpr std::size_t block = kernels::usual_block({.bits = 4}), block_groups = block / 64;

struct [[gnu::may_alias]] [[gnu::packed]] Four {
  std::int32_t value;
};

/// 1. Decode a row to float, multiply floats. The compiler may not reorder float sums, so this is one addition at a time:
/// 0.5 % of the product peak.
void decoded(const kernels::Matrix& w, const kernels::Input& x, float* y) {
  std::vector<float> row(columns);
  for (std::size_t n = 0; n < rows; ++n) {
    w.row(n, row.data());
    for (std::size_t t = 0; t < tokens; ++t) {
      float sum = 0;
      for (std::size_t k = 0; k < columns; ++k)
        sum += row[k] * static_cast<float>(x.codes[t * x.stride + k]) * x.scales[t * x.scale_stride + k / block];
      y[t * rows + n] = sum;
    }
  }
}

/// 2. Multiply the codes themselves, scale once a group: integer sums may be reordered, so the compiler vectorizes them: 2.5 %.
void integers(const kernels::Matrix& w, const kernels::Input& x, float* y) {
  std::vector<std::int8_t> row(columns);
  for (std::size_t n = 0; n < rows; ++n) {
    for (std::size_t k = 0; k < columns; ++k) {
      const int byte = std::to_integer<int>(w.quants[w.layout.quant_offset(n, k)]);
      row[k] = static_cast<std::int8_t>((byte >> w.layout.quant_shift(k) & 15) - 8);
    }
    for (std::size_t t = 0; t < tokens; ++t) {
      float sum = 0;
      for (std::size_t g = 0; g < groups; ++g) {
        std::int32_t products = 0;
        for (std::size_t k = g * 64; k < g * 64 + 64; ++k) products += row[k] * x.codes[t * x.stride + k];
        f16 scale;
        std::memcpy(&scale, w.scales + w.layout.scale_offset(n, g) + n % 16 * 2, sizeof scale);
        sum += static_cast<float>(products) * to_float(scale) * x.scales[t * x.scale_stride + g / block_groups];
      }
      y[t * rows + n] = sum;
    }
  }
}

/// 3 to 5: sixteen outputs a register from packed panels, the zero point as the accumulator's start. One token times one panel loads
/// and unpacks for every product and waits for its own sum: 13 %. Six tokens times two panels do neither: 71 %. The broadcast as the
/// product's memory operand, in assembler so that no accumulator moves: 68 %, no gain in this loop.
template <std::size_t Tokens, std::size_t Panels, bool assembly>
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]] void tile(const kernels::Matrix& w, const kernels::Input& x,
                                                                           std::size_t token, std::size_t panel, float* y) {
  const __m512i low = _mm512_set1_epi8(15);
  const auto input_scale = [&](std::size_t t, std::size_t g) { return x.scales[(token + t) * x.scale_stride + g / block_groups]; };
  __m512 sum[Tokens][Panels];
  for (auto& token_sums : sum)
    for (__m512& s : token_sums) s = _mm512_setzero_ps();
  for (std::size_t g = 0; g < groups; ++g) {
    __m512i products[Tokens][Panels];
    INGOT_UNROLL for (std::size_t t = 0; t < Tokens; ++t) INGOT_UNROLL for (std::size_t p = 0; p < Panels; ++p) products[t][p] =
        _mm512_set1_epi32(x.corrections[(token + t) * x.correction_stride + g]);
    INGOT_UNROLL for (std::size_t line = 0; line < 8; ++line) {
      __m512i first[Panels], second[Panels];
      INGOT_UNROLL for (std::size_t p = 0; p < Panels; ++p) {
        const __m512i q = _mm512_loadu_si512(w.quants + (panel + p) * w.layout.panel_quant_bytes() + (g * 8 + line) * 64);
        first[p] = _mm512_and_si512(q, low), second[p] = _mm512_and_si512(_mm512_srli_epi16(q, 4), low);
      }
      INGOT_UNROLL for (std::size_t t = 0; t < Tokens; ++t) {
        const std::int8_t* code = x.codes + (token + t) * x.stride + g * 64 + line * 8;
        const auto& a = *reinterpret_cast<const Four*>(code);
        const auto& b = *reinterpret_cast<const Four*>(code + 4);
        INGOT_UNROLL for (std::size_t p = 0; p < Panels; ++p) {
          if constexpr (assembly) {
            asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(products[t][p]) : "v"(first[p]), "m"(a));
            asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(products[t][p]) : "v"(second[p]), "m"(b));
          } else {
            products[t][p] = _mm512_dpbusd_epi32(products[t][p], first[p], _mm512_set1_epi32(a.value));
            products[t][p] = _mm512_dpbusd_epi32(products[t][p], second[p], _mm512_set1_epi32(b.value));
          }
        }
      }
    }
    INGOT_UNROLL for (std::size_t p = 0; p < Panels; ++p) {
      const std::byte* halves = w.scales + (panel + p) * w.layout.panel_scale_bytes() + g * w.layout.group_scale_bytes();
      const __m512 scale = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(halves)));
      INGOT_UNROLL for (std::size_t t = 0; t < Tokens; ++t) sum[t][p] =
          _mm512_fmadd_ps(_mm512_cvtepi32_ps(products[t][p]), _mm512_mul_ps(scale, _mm512_set1_ps(input_scale(t, g))), sum[t][p]);
    }
  }
  for (std::size_t t = 0; t < Tokens; ++t)
    for (std::size_t p = 0; p < Panels; ++p) _mm512_storeu_ps(y + (token + t) * rows + (panel + p) * 16, sum[t][p]);
}

template <std::size_t Tokens, std::size_t Panels, bool assembly>
void tiles(const kernels::Matrix& w, const kernels::Input& x, float* y) {
  for (std::size_t panel = 0; panel < rows / 16; panel += Panels)
    for (std::size_t token = 0; token < tokens; token += Tokens) tile<Tokens, Panels, assembly>(w, x, token, panel, y);
}

/// 6. The library: the same tile; 64 columns without a loop, activations in chunks, panels outside: 87 %.
void library(const kernels::Matrix& w, const kernels::Input& x, float* y) { w.multiply(x, y, rows, {0, rows / 16}); }

using Step = void (*)(const kernels::Matrix&, const kernels::Input&, float*);

void climb(benchmark::State& state, const kernels::Functions& functions, Step step) {
  static Team one{1};
  const bench::Operands operands{functions, scheme, rows, columns, tokens};
  std::vector<float> y(rows * tokens);
  const kernels::Matrix w = operands.matrix();
  const kernels::Input x = operands.input();
  step(w, x, y.data());
  for (const std::size_t t : {std::size_t{0}, tokens - 1})
    for (const std::size_t n : {std::size_t{3}, rows - 1})
      bench::verify(std::fabs(y[t * rows + n] - operands.expected(t, n)) <= 1e-5 * operands.magnitude(t, n), "ladder");
  bench::interleave(
      state, static_cast<double>(rows * columns * tokens), [&] { step(w, x, y.data()); },
      [&] { return kernels::product_peak(one, functions); });
}

}  // namespace

int main(int argc, char** argv) {
  const kernels::Functions* functions = kernels::find_functions("avx512vnni");
  if (functions == nullptr) {
    std::printf("skipped: the ladder is one of AVX512-VNNI, which this machine lacks\n");
    return 0;
  }
  const std::pair<const char*, Step> steps[] = {{"1_decoded_floats", decoded},
                                                {"2_integers", integers},
                                                {"3_one_token_one_panel", tiles<1, 1, false>},
                                                {"4_six_tokens_two_panels", tiles<6, 2, false>},
                                                {"5_broadcast_operand_in_assembler", tiles<6, 2, true>},
                                                {"6_library", library}};
  for (const auto& [name, step] : steps)
    benchmark::RegisterBenchmark(name, [functions, step = step](benchmark::State& state) { climb(state, *functions, step); })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond)
        ->MinTime(0.2);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
