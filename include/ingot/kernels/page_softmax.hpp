// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/page_softmax.hpp: the products of a query with a page's keys become the weights of its values.

#include <array>
#include <cstddef>
#include <cstdint>

#include <ingot/core/team.hpp>
#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/elementwise.hpp>
#include <ingot/kernels/exp.hpp>
#include <ingot/kernels/page_input.hpp>

namespace ingot::kernels::detail {

inline constexpr float lowest_product = -1e30f;  // stands for minus infinity, whose differences are not numbers

/// The numbers of a page's slots.
consteval std::array<float, page_positions> number_slots() noexcept {
  std::array<float, page_positions> numbers{};
  for (std::uint32_t i = 0; i < page_positions; ++i) numbers[i] = static_cast<float>(i);
  return numbers;
}
template <class Isa>
inline constexpr std::array<float, page_positions> slots = number_slots();

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

/// What a task changes in the scaled products of a page, whose first position is `base`, before the softmax: few models do.
template <class Isa>
class ProductTerms {
 public:
  /// begin: the first stacked row (row x head) of the block
  ProductTerms(const AttentionTask& task, std::size_t begin, std::size_t base) noexcept : task_{task}, begin_{begin}, base_{base} {}
  [[nodiscard]] INGOT_INLINE bool any() const noexcept { return task_.soft_cap != 0.f || task_.slopes != nullptr; }
  /// Of row r of the block. Not inlined: it would take registers from the loop around it.
  INGOT_NOINLINE void apply(std::size_t r, float* products) const noexcept {
    if (task_.soft_cap != 0.f) soft_cap<Isa>(products, page_positions, task_.soft_cap);
    if (task_.slopes == nullptr) return;
    const std::size_t position = task_.position + (begin_ + r) / task_.heads;
    const float slope = task_.slopes[(begin_ + r) % task_.heads];
    const float distance = static_cast<float>(base_) - static_cast<float>(position);
    for (std::size_t i = 0; i < page_positions; ++i) products[i] += slope * (distance + static_cast<float>(i));
  }

 private:
  const AttentionTask& task_;
  std::size_t begin_, base_;
};

/// The rows of s.weights hold the products of `count` queries with a page's keys; query r sees those of seen(r), changed by `terms`.
/// They become e^(product - largest), for int8 pages times the scales of the values and as codes; what the rows of `sums`
/// (PartialLayout) held before is rescaled when a larger product comes (arXiv 1805.02867). Three loops, so that the reductions of
/// one row run beside those of the next.
template <class Isa, quant::Scheme KV, class Seen>
INGOT_INLINE void weigh_page(const AttentionScratch<Isa, KV>& s, std::size_t count, Seen&& seen, const ProductTerms<Isa>& terms,
                             const float* reference, const float* value_scales, const PartialLayout& layout, float* sums) noexcept {
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
  const bool changed = terms.any();

  for (std::size_t r = 0; r < count; ++r) {
    float* const row = s.weights.row(r);
    PageRow<Isa> page;
    load(page, row);
    if constexpr (KV.is_integer()) {  // the products were with differences from the page's first key
      const B common(dot<Isa>(s.queries.row(r), reference, s.queries.stride()));
      page.each([common](B v, std::size_t) { return v + common; });
      store(page, row);
    }
    if (changed) {
      terms.apply(r, row);
      load(page, row);
    }
    if (const Slice visible = seen(r); visible.begin != 0 || visible.end != page_positions) {
      const B from(static_cast<float>(visible.begin)), to(static_cast<float>(visible.end));
      page.each([from, to](B v, std::size_t i) {
        const B slot = B::load_unaligned(slots<Isa>.data() + i);
        return xsimd::select(slot < to, xsimd::select(slot < from, B(lowest_product), v), B(lowest_product));
      });
      store(page, row);
    }
    largest[r] = max_lanes<Isa>(xsimd::max(page.joined(larger), B(sums[r * layout.stride() + layout.largest()])));
  }

  for (std::size_t r = 0; r < count; ++r) {
    float *const row = s.weights.row(r), *const before = sums + r * layout.stride();
    PageRow<Isa> page;
    load(page, row);
    const float now = largest[r];
    const B offset(now == lowest_product ? 0.f : now);  // nothing seen yet: weights of 0
    page.each([offset](B v, std::size_t) {
      if constexpr (KV.is_integer())
        return coarse_exponential<Isa>(v - offset);
      else
        return exponential<Isa>(v - offset);
    });
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
    if constexpr (KV.is_integer()) {  // behind the last position the scales are zeros
      page.each([value_scales](B v, std::size_t i) { return v * B::load_unaligned(value_scales + i); });
      largest[r] = max_lanes<Isa>(page.joined(larger));
    }
    store(page, row);
  }
  for (std::size_t r = 0; r < count; ++r) s.weights.complete(r, largest[r]);
}

}  // namespace ingot::kernels::detail
