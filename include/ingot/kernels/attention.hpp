// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/attention.hpp: causal attention of one KV head over pages, with an online softmax.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ingot/kernels/attention_task.hpp>
#include <ingot/kernels/elementwise.hpp>
#include <ingot/kernels/multiply.hpp>
#include <ingot/kernels/quantize.hpp>

namespace ingot::kernels {

namespace detail {

inline constexpr float lowest_product = -1e30f;  // stands for minus infinity, whose differences are not numbers

/// The rows that a product with a page's keys or values reads: floats, and for int8 pages their codes.
template <class Isa, quant::Scheme KV>
class PageInput {
 public:
  PageInput(float*& memory, const PackedLayout& page) noexcept
      : form_{form_of(page)}, stride_{round_up(page.columns, 16)}, code_stride_{round_up(page.columns, 64)}, floats_{memory} {
    codes_ = reinterpret_cast<std::int8_t*>(floats_ + query_block * stride_);
    scales_ = floats_ + query_block * (stride_ + code_stride_ / 4);
    corrections_ = reinterpret_cast<std::int32_t*>(scales_ + query_block);
    memory += query_block * page_input_floats(page.columns);
  }
  [[nodiscard]] INGOT_INLINE float* row(std::size_t r) const noexcept { return floats_ + r * stride_; }
  [[nodiscard]] INGOT_INLINE float* floats() const noexcept { return floats_; }
  [[nodiscard]] INGOT_INLINE std::size_t stride() const noexcept { return stride_; }
  /// To be called when row r is written.
  INGOT_INLINE void complete(std::size_t r) const noexcept {
    if constexpr (KV.is_integer())
      quantize_row<Isa>(row(r), form_.columns < stride_ ? form_.columns : stride_, form_, codes_ + r * code_stride_, scales_ + r,
                        corrections_ + r);
  }
  [[nodiscard]] INGOT_INLINE Input rows(std::size_t count) const noexcept {
    if constexpr (KV.is_integer())
      return {
          .codes = codes_, .stride = code_stride_, .scales = scales_, .corrections = corrections_, .correction_stride = 1, .rows = count};
    else
      return {.floats = floats_, .stride = stride_, .rows = count};
  }

 private:
  InputForm form_;
  std::size_t stride_, code_stride_;
  float* floats_;
  std::int8_t* codes_;
  float* scales_;
  std::int32_t* corrections_;
};

/// The scratch of one lane, cut into its parts.
template <class Isa, quant::Scheme KV>
struct AttentionScratch {
  AttentionScratch(float* memory, HeadShape head) noexcept
      : queries{memory, key_layout(KV, head)}, weights{memory, value_layout(KV, head)}, partial{memory} {
    const PartialLayout layout{head};
    joined = partial + query_block * layout.stride();
    ones = reinterpret_cast<std::byte*>(joined + query_block * layout.stride());
    if constexpr (KV.is_integer())
      for (std::size_t i = 0; i < layout.values; ++i) {
        constexpr std::uint16_t one = 0x3c00;  // binary16
        std::memcpy(ones + 2 * i, &one, sizeof one);
      }
  }
  PageInput<Isa, KV> queries;  // [block, head.key], scaled
  PageInput<Isa, KV> weights;  // [block, 64]
  float *partial, *joined;     // [block, PartialLayout::stride()]
  std::byte* ones;             // the scales of int8 values are multiplied into the weights
};

/// n: a multiple of 16
template <class Isa>
INGOT_INLINE float dot(const float* a, const float* b, std::size_t n) noexcept {
  using B = FloatBatch<Isa>;
  B sum(0.f);
  for (std::size_t i = 0; i < n; i += B::size) sum = xsimd::fma(B::load_unaligned(a + i), B::load_unaligned(b + i), sum);
  return sum_lanes<Isa>(sum);
}

/// The query rows [begin, begin + count) of a task over one span: s.queries holds them, s.partial gets their sums. The running
/// maximum m and sum l of each row rescale what was added before (arXiv 1805.02867, 2205.14135). Pages no row sees are skipped.
template <class Isa, quant::Scheme KV>
void attend_block(const AttentionTask& task, std::size_t begin, std::size_t count, std::uint32_t span, const AttentionScratch<Isa, KV>& s,
                  float* partial) noexcept {
  using B = FloatBatch<Isa>;
  const PartialLayout layout{task.head};
  for (std::size_t r = 0; r < count; ++r) {
    float* const row = partial + r * layout.stride();
    for (std::size_t i = 0; i < layout.values; ++i) row[i] = 0.f;
    row[layout.largest()] = lowest_product, row[layout.total()] = 0.f;
  }
  const auto position_of = [&](std::size_t r) __attribute__((always_inline)) { return task.position + (begin + r) / task.heads; };
  const auto first_seen = [&](std::size_t position) __attribute__((always_inline)) {
    return task.window != 0 && position >= task.window ? position + 1 - task.window : 0;
  };
  const auto larger_of = [](std::size_t a, std::size_t b) __attribute__((always_inline)) { return a < b ? b : a; };
  const std::size_t span_begin = std::size_t{span} * span_positions;
  const std::size_t end = smaller<Isa>(position_of(count - 1) + 1, span_begin + span_positions);
  const PackedLayout key_plane = key_layout(KV, task.head), value_plane = value_layout(KV, task.head);
  const Slice value_panels{0, value_plane.panels()};

  // Decode reads each page once, from memory: what the next product needs is asked for before this one starts, as the hardware
  // prefetcher does not follow panels of 4 KiB (a fifth to a third less time for bf16).
  const bool few = count <= few_queries;

  for (std::size_t page = larger_of(first_seen(position_of(0)), span_begin) / page_positions; page * page_positions < end; ++page) {
    const std::size_t base = page * page_positions, present = smaller<Isa>(end - base, page_positions);
    const std::byte* const key_page = task.pages[page] + task.key_offset;
    const std::byte* const value_page = task.pages[page] + task.value_offset;
    const float* const value_scales = reinterpret_cast<const float*>(value_page + value_plane.quant_bytes());
    const auto* const reference = reinterpret_cast<const float*>(key_page + reference_offset(KV, task.head));
    const Slice key_panels{0, (present + quant::panel_rows - 1) / quant::panel_rows};
    for (std::size_t i = 0; few && i < value_bytes(KV, task.head); i += quant::line_bytes) Ops<Isa>::prefetch(value_page + i);
    const MatrixBytes keys{key_plane, key_page, key_page + key_plane.quant_bytes()};
    if constexpr (KV.is_integer())
      multiply_integers<Isa, KV, Write>(keys, s.queries.rows(count), s.weights.floats(), s.weights.stride(), key_panels, Update::store);
    else
      multiply_floats<Isa, KV, Write>(keys, s.queries.rows(count), task.head.key, s.weights.floats(), s.weights.stride(), key_panels,
                                      Update::store);
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t position = position_of(r), first = first_seen(position);
      float* const row = s.weights.row(r);
      float* const sums = partial + r * layout.stride();
      if constexpr (KV.is_integer()) {  // the products were with differences from the page's first key
        const B common(dot<Isa>(s.queries.row(r), reference, reference_floats(task.head)));
        transform<Isa>(
            row, page_positions, [common](B v) { return v + common; }, row);
      }
      const std::size_t from = first > base ? smaller<Isa>(first - base, present) : 0;
      const std::size_t to = position < base ? 0 : smaller<Isa>(position + 1 - base, present);
      for (std::size_t i = 0; i < from; ++i) row[i] = lowest_product;
      for (std::size_t i = from < to ? to : from; i < page_positions; ++i) row[i] = lowest_product;
      const auto larger = [](B a, B b) { return xsimd::max(a, b); };
      const float before = sums[layout.largest()];
      const float now = max_lanes<Isa>(fold<Isa>(row, page_positions, before, before, larger, larger));
      if (now == lowest_product) {  // nothing seen yet
        for (std::size_t i = 0; i < page_positions; ++i) row[i] = 0.f;
        s.weights.complete(r);
        continue;
      }
      const B offset(now);
      transform<Isa>(
          row, page_positions, [offset](B v) { return exponential<Isa>(v - offset); }, row);
      const auto plus = [](B a, B b) { return a + b; };
      const float sum = sum_lanes<Isa>(fold<Isa>(row, page_positions, 0.f, 0.f, plus, plus));
      if (now != before) {
        float rescale = 0.f;
        store_part<Isa>(&rescale, exponential<Isa>(B(before - now)), 1);
        sums[layout.total()] *= rescale;
        transform<Isa>(
            sums, layout.values, [rescale](B v) { return v * B(rescale); }, sums);
        sums[layout.largest()] = now;
      }
      sums[layout.total()] += sum;
      if constexpr (KV.is_integer())
        transform<Isa>(
            row, present, [](B v, B scale) { return v * scale; }, row, value_scales);
      s.weights.complete(r);
    }
    const std::byte* const next_keys = base + page_positions < end ? task.pages[page + 1] + task.key_offset : nullptr;
    for (std::size_t i = 0; few && next_keys != nullptr && i < key_bytes(KV, task.head); i += quant::line_bytes)
      Ops<Isa>::prefetch(next_keys + i);
    const MatrixBytes values{value_plane, value_page, s.ones};
    if constexpr (KV.is_integer())
      multiply_integers<Isa, KV, Write>(values, s.weights.rows(count), partial, layout.stride(), value_panels, Update::add);
    else
      multiply_floats<Isa, KV, Write>(values, s.weights.rows(count), present, partial, layout.stride(), value_panels, Update::add);
  }
}

/// Makes the query rows [begin, begin + count) of a task ready for attend_block().
template <class Isa, quant::Scheme KV>
INGOT_INLINE void load_queries(const AttentionTask& task, std::size_t begin, std::size_t count,
                               const AttentionScratch<Isa, KV>& s) noexcept {
  using B = FloatBatch<Isa>;
  for (std::size_t r = 0; r < count; ++r) {
    const std::size_t row = (begin + r) / task.heads, head = (begin + r) % task.heads;
    const B scale(task.scale);
    float* const query = s.queries.row(r);
    transform<Isa>(
        query, task.head.key, [scale](B v) { return v * scale; }, task.queries + row * task.query_stride + head * task.head.key);
    for (std::size_t i = task.head.key; i < s.queries.stride(); ++i) query[i] = 0.f;
    s.queries.complete(r);
  }
}

/// Adds a later span's sums to those of the spans before it: n values, and the largest product and the total in `numbers`.
/// A span in which nothing was seen changes nothing.
template <class Isa>
INGOT_INLINE void join(float* values, float* numbers, const float* later, const float* later_numbers, std::size_t n) noexcept {
  using B = FloatBatch<Isa>;
  const float before = numbers[0], now = before < later_numbers[0] ? later_numbers[0] : before;
  float keep = 0.f, take = 0.f;
  store_part<Isa>(&keep, exponential<Isa>(B(before - now)), 1);
  store_part<Isa>(&take, exponential<Isa>(B(later_numbers[0] - now)), 1);
  transform<Isa>(
      values, n, [keep, take](B x, B y) { return xsimd::fma(x, B(keep), y * B(take)); }, values, later);
  numbers[0] = now;
  numbers[1] = numbers[1] * keep + later_numbers[1] * take;
}

/// out = values / total
template <class Isa>
INGOT_INLINE void divide(const float* values, float total, std::size_t n, float* out) noexcept {
  using B = FloatBatch<Isa>;
  const B inverse(1.0f / total);
  transform<Isa>(
      out, n, [inverse](B v) { return v * inverse; }, values);
}

}  // namespace detail

/// The sums of one span for every query row of the task, those of a row's heads one after the other.
/// partial: [rows * heads, PartialLayout::stride()]
template <class Isa, quant::Scheme KV>
void attend_span(const AttentionTask& task, std::uint32_t span, float* scratch, float* partial) noexcept {
  const detail::AttentionScratch<Isa, KV> s{scratch, task.head};
  const std::size_t stacked = std::size_t{task.rows} * task.heads, stride = PartialLayout{task.head}.stride();
  for (std::size_t begin = 0; begin < stacked; begin += detail::query_block) {
    const std::size_t count = detail::smaller<Isa>(stacked - begin, detail::query_block);
    detail::load_queries(task, begin, count, s);
    detail::attend_block(task, begin, count, span, s, partial + begin * stride);
  }
}

/// One query's output from its sums over consecutive spans, `span_stride` floats apart. out: [head.value]
template <class Isa>
void join_spans(const float* partials, std::size_t spans, std::size_t span_stride, HeadShape head, float* out) noexcept {
  const PartialLayout layout{head};
  float numbers[2] = {partials[layout.largest()], partials[layout.total()]};
  for (std::size_t i = 0; i < head.value; ++i) out[i] = partials[i];
  for (std::size_t span = 1; span < spans; ++span) {
    const float* later = partials + span * span_stride;
    detail::join<Isa>(out, numbers, later, later + layout.largest(), head.value);
  }
  detail::divide<Isa>(out, numbers[1], head.value, out);
}

/// output = softmax(scale * queries keys^T + causal mask) values, span by span. A row's result does not depend on the rows
/// beside it, and equals that of attend_span() and join_spans().
template <class Isa, quant::Scheme KV>
void attention(const AttentionTask& task, float* scratch) noexcept {
  const detail::AttentionScratch<Isa, KV> s{scratch, task.head};
  const PartialLayout layout{task.head};
  const SpanRange spans = spans_of(task);
  const std::size_t stacked = std::size_t{task.rows} * task.heads;
  for (std::size_t begin = 0; begin < stacked; begin += detail::query_block) {
    const std::size_t count = detail::smaller<Isa>(stacked - begin, detail::query_block);
    detail::load_queries(task, begin, count, s);
    detail::attend_block(task, begin, count, spans.first, s, s.joined);
    for (std::uint32_t span = spans.first + 1; span < spans.last; ++span) {
      detail::attend_block(task, begin, count, span, s, s.partial);
      for (std::size_t r = 0; r < count; ++r) {
        float *sums = s.joined + r * layout.stride(), *later = s.partial + r * layout.stride();
        detail::join<Isa>(sums, sums + layout.largest(), later, later + layout.largest(), layout.values);
      }
    }
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t row = (begin + r) / task.heads, head = (begin + r) % task.heads;
      const float* sums = s.joined + r * layout.stride();
      detail::divide<Isa>(sums, sums[layout.total()], task.head.value, task.output + row * task.output_stride + head * task.head.value);
    }
  }
}

}  // namespace ingot::kernels
