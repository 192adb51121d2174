// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/attention.hpp: attention of one KV head over pages, with an online softmax.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ingot/kernels/attention_task.hpp>
#include <ingot/kernels/multiply.hpp>
#include <ingot/kernels/page_product.hpp>
#include <ingot/kernels/page_softmax.hpp>

namespace ingot::kernels {

namespace detail {

/// Asks for the lines of one of three parts of [begin, begin + bytes).
template <class Isa>
INGOT_INLINE void ask_for_third(const std::byte* begin, std::size_t bytes, std::size_t third) noexcept {
  const std::size_t lines = (bytes + quant::line_bytes - 1) / quant::line_bytes;
  for (std::size_t i = lines * third / 3; i < lines * (third + 1) / 3; ++i) Ops<Isa>::prefetch_l2(begin + i * quant::line_bytes);
}

/// The query rows [begin, begin + count) of a task over one span: s.queries holds them, s.partial gets their sums. The running
/// maximum m and sum l of each row rescale what was added before (arXiv 1805.02867, 2205.14135). Pages no row sees are skipped.
template <class Isa, quant::Scheme KV>
void attend_block(const AttentionTask& task, std::size_t begin, std::size_t count, std::uint32_t span, const AttentionScratch<Isa, KV>& s,
                  float* partial) noexcept {
  const PartialLayout layout{task.head};
  for (std::size_t r = 0; r < count; ++r) {
    float* const row = partial + r * layout.stride();
    for (std::size_t i = 0; i < layout.values; ++i) row[i] = 0.f;
    row[layout.largest()] = lowest_product, row[layout.total()] = 0.f;
  }
  KeyRange visible[query_block];
  for (std::size_t r = 0; r < count; ++r)
    visible[r] = keys_seen(task, task.position + static_cast<std::uint32_t>((begin + r) / task.heads));
  const std::size_t span_begin = std::size_t{span} * span_positions, all_end = visible[count - 1].end;
  const std::size_t first = span_begin < visible[0].begin ? visible[0].begin : span_begin;
  const std::size_t end = smaller<Isa>(all_end, span_begin + span_positions);
  const PackedLayout key_plane = key_layout(KV, task.head), value_plane = value_layout(KV, task.head);
  const Slice value_panels{0, value_plane.panels()};

  // Decode reads each page once, from memory, and the hardware prefetcher does not follow pages. The next one is asked for in three
  // parts, so that memory is never idle, and into the L2 cache: an int8 page of 64 x 64 with 3 queries takes 0.7 us, half as long as
  // with requests for the L1 cache, which wait for each other; all at once it takes 1.2 us (0.36 us where the page is in a cache).
  const bool few = count <= few_queries;

  for (std::size_t page = first / page_positions; page * page_positions < end; ++page) {
    const std::size_t base = page * page_positions, present = smaller<Isa>(end - base, page_positions);
    const std::byte* const key_page = task.pages[page] + task.key_offset;
    const std::byte* const value_page = task.pages[page] + task.value_offset;
    const float* const value_scales = reinterpret_cast<const float*>(value_page + value_plane.quant_bytes());
    const auto* const reference = reinterpret_cast<const float*>(key_page + reference_offset(KV, task.head));
    const Slice key_panels{0, (present + quant::panel_rows - 1) / quant::panel_rows};
    const bool ask = few && base + page_positions < all_end;
    const auto ask_for_next = [&](std::size_t third) __attribute__((always_inline)) {
      if (!ask) return;
      ask_for_third<Isa>(task.pages[page + 1] + task.key_offset, key_bytes(KV, task.head), third);
      ask_for_third<Isa>(task.pages[page + 1] + task.value_offset, value_bytes(KV, task.head), third);
    };
    ask_for_next(0);
    const MatrixBytes keys{key_plane, key_page, key_page + key_plane.quant_bytes()};
    multiply_page<Isa, KV>(keys, s.queries.rows(count), task.head.key, s.weights.floats(), s.weights.stride(), key_panels, Epilogue{});
    const auto seen = [&](std::size_t r) __attribute__((always_inline)) {
      const auto in_page = [&](std::size_t position) __attribute__((always_inline)) {
        return position < base ? 0 : smaller<Isa>(position - base, present);
      };
      return Slice{in_page(visible[r].begin), in_page(visible[r].end)};
    };
    ask_for_next(1);
    const ProductTerms<Isa> terms{task, begin, base};
    weigh_page(s, count, seen, terms, reference, value_scales, layout, partial);
    ask_for_next(2);
    const MatrixBytes values{value_plane, value_page, s.ones};
    multiply_page<Isa, KV>(values, s.weights.rows(count), present, partial, layout.stride(), value_panels, Epilogue{Update::add});
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

/// out = values / total. A sink adds its exponential to the total; where nothing was seen, the output is 0.
template <class Isa>
INGOT_INLINE void divide(const float* values, const float* numbers, float sink, std::size_t n, float* out) noexcept {
  using B = FloatBatch<Isa>;
  float factor = 1.0f, total = numbers[1];
  if (sink != no_sink) {
    const float before = numbers[0], now = before < sink ? sink : before;
    const B keep = exponential<Isa>(B(before - now));
    store_part<Isa>(&factor, keep, 1);
    store_part<Isa>(&total, xsimd::fma(B(total), keep, exponential<Isa>(B(sink - now))), 1);
  }
  const B share(total == 0.f ? 0.f : factor / total);
  transform<Isa>(
      out, n, [share](B v) { return v * share; }, values);
}

}  // namespace detail

/// The sums of one span for every query row of the task, those of a row's heads one after the other.
/// partial: [rows * heads, PartialLayout::stride()]
template <class Isa, quant::Scheme KV>
void attend_span(const AttentionTask& task, std::uint32_t span, float* scratch, float* partial) noexcept {
  const detail::AttentionScratch<Isa, KV> s{scratch, task.head};
  const std::size_t stacked = std::size_t{task.rows} * task.heads, stride = PartialLayout{task.head}.stride();
  const detail::PageRegisters<Isa> registers{detail::takes_blocks<Isa, KV>(stacked, page_positions)};
  for (std::size_t begin = 0; begin < stacked; begin += detail::query_block) {
    const std::size_t count = detail::smaller<Isa>(stacked - begin, detail::query_block);
    detail::load_queries(task, begin, count, s);
    detail::attend_block(task, begin, count, span, s, partial + begin * stride);
  }
}

/// One query's output from its sums over consecutive spans, `span_stride` floats apart, and its sink. out: [head.value]
template <class Isa>
void join_spans(const float* partials, std::size_t spans, std::size_t span_stride, HeadShape head, float sink, float* out) noexcept {
  const PartialLayout layout{head};
  float numbers[2] = {partials[layout.largest()], partials[layout.total()]};
  for (std::size_t i = 0; i < head.value; ++i) out[i] = partials[i];
  for (std::size_t span = 1; span < spans; ++span) {
    const float* later = partials + span * span_stride;
    detail::join<Isa>(out, numbers, later, later + layout.largest(), head.value);
  }
  detail::divide<Isa>(out, numbers, sink, head.value, out);
}

/// output = softmax(soft cap(scale * queries keys^T) + slopes + mask) values, span by span. A row's result does not depend on the rows
/// beside it, and equals that of attend_span() and join_spans().
template <class Isa, quant::Scheme KV>
void attention(const AttentionTask& task, float* scratch) noexcept {
  const detail::AttentionScratch<Isa, KV> s{scratch, task.head};
  const PartialLayout layout{task.head};
  const SpanRange spans = spans_of(task);
  const std::size_t stacked = std::size_t{task.rows} * task.heads;
  const detail::PageRegisters<Isa> registers{detail::takes_blocks<Isa, KV>(stacked, page_positions)};
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
      detail::divide<Isa>(sums, sums + layout.largest(), task.sink(head), task.head.value,
                          task.output + row * task.output_stride + head * task.head.value);
    }
  }
}

}  // namespace ingot::kernels
