// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/page_softmax.hpp: the products of a query with a page's keys become the weights of its values.

#include <cstddef>

#include <ingot/core/team.hpp>
#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/exp.hpp>
#include <ingot/kernels/page_input.hpp>

namespace ingot::kernels::detail {

inline constexpr float lowest_product = -1e30f;  // stands for minus infinity, whose differences are not numbers

/// n: a multiple of 16
template <class Isa>
INGOT_INLINE float dot(const float* a, const float* b, std::size_t n) noexcept {
  using B = FloatBatch<Isa>;
  B sum(0.f);
  for (std::size_t i = 0; i < n; i += B::size) sum = xsimd::fma(B::load_unaligned(a + i), B::load_unaligned(b + i), sum);
  return sum_lanes<Isa>(sum);
}

/// A page's row in registers.
template <class Isa>
struct PageRow {
  static constexpr std::size_t batches = page_positions / FloatBatch<Isa>::size;
  FloatBatch<Isa> v[batches];

  template <class F>
  INGOT_INLINE void each(F&& f) noexcept {
    INGOT_UNROLL for (std::size_t i = 0; i < batches; ++i) v[i] = f(v[i], i * FloatBatch<Isa>::size);
  }
  /// Joins the batches, neighbours last.
  template <class F>
  [[nodiscard]] INGOT_INLINE FloatBatch<Isa> joined(F&& f) const noexcept {
    FloatBatch<Isa> sum[batches];
    INGOT_UNROLL for (std::size_t i = 0; i < batches; ++i) sum[i] = v[i];
    INGOT_UNROLL for (std::size_t half = batches / 2; half != 0; half /= 2) INGOT_UNROLL for (std::size_t i = 0; i < half; ++i) sum[i] =
        f(sum[i], sum[i + half]);
    return sum[0];
  }
};

/// The rows of s.weights hold the products of `count` queries with a page's keys; query r sees those of seen(r). They become
/// e^(product - largest), for int8 pages times the scales of the values and as codes; what the rows of `sums` (PartialLayout) held
/// before is rescaled when a larger product comes (arXiv 1805.02867). Three loops, so that the reductions of one row run beside
/// those of the next.
template <class Isa, quant::Scheme KV, class Seen>
INGOT_INLINE void weigh_page(const AttentionScratch<Isa, KV>& s, std::size_t count, Seen&& seen, const float* reference,
                             const float* value_scales, const PartialLayout& layout, float* sums) noexcept {
  using B = FloatBatch<Isa>;
  const auto larger = [](B a, B b) { return xsimd::max(a, b); };
  const auto plus = [](B a, B b) { return a + b; };
  const auto load = [](PageRow<Isa> & page, const float* row) __attribute__((always_inline)) {
    page.each([row](B, std::size_t i) { return B::load_unaligned(row + i); });
  };
  const auto store = [](PageRow<Isa> & page, float* row) __attribute__((always_inline)) {
    page.each([row](B v, std::size_t i) {
      v.store_unaligned(row + i);
      return v;
    });
  };
  float largest[query_block];

  for (std::size_t r = 0; r < count; ++r) {
    float* const row = s.weights.row(r);
    const Slice visible = seen(r);
    for (std::size_t i = 0; i < visible.begin; ++i) row[i] = lowest_product;
    for (std::size_t i = visible.begin < visible.end ? visible.end : visible.begin; i < page_positions; ++i) row[i] = lowest_product;
    PageRow<Isa> page;
    load(page, row);
    if constexpr (KV.is_integer()) {  // the products were with differences from the page's first key
      const B common(dot<Isa>(s.queries.row(r), reference, s.queries.stride()));
      page.each([common](B v, std::size_t) { return v + common; });
      store(page, row);
    }
    largest[r] = max_lanes<Isa>(xsimd::max(page.joined(larger), B(sums[r * layout.stride() + layout.largest()])));
  }

  for (std::size_t r = 0; r < count; ++r) {
    float *const row = s.weights.row(r), *const before = sums + r * layout.stride();
    PageRow<Isa> page;
    load(page, row);
    const float now = largest[r];
    const B offset(now), seen_anything(now == lowest_product ? 0.f : 1.f);
    page.each([&](B v, std::size_t) { return exponential<Isa>(v - offset) * seen_anything; });
    const float sum = sum_lanes<Isa>(page.joined(plus));
    if (now != before[layout.largest()]) {
      float rescale = 0.f;
      store_part<Isa>(&rescale, exponential<Isa>(B(before[layout.largest()] - now)), 1);
      before[layout.total()] *= rescale;
      transform<Isa>(
          before, layout.values, [rescale](B v) { return v * B(rescale); }, before);
      before[layout.largest()] = now;
    }
    before[layout.total()] += sum;
    if constexpr (KV.is_integer()) {  // scales behind the last position are not written yet: its weight is 0 all the same
      page.each([value_scales](B v, std::size_t i) { return xsimd::select(v > B(0.f), v * B::load_unaligned(value_scales + i), B(0.f)); });
      largest[r] = max_lanes<Isa>(page.joined(larger));
    }
    store(page, row);
  }
  for (std::size_t r = 0; r < count; ++r) s.weights.complete(r, largest[r]);
}

}  // namespace ingot::kernels::detail
