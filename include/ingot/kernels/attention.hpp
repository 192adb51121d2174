// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/attention.hpp: causal attention of one KV head over pages, with an online softmax.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ingot/kernels/attention_task.hpp>
#include <ingot/kernels/elementwise.hpp>
#include <ingot/kernels/multiply.hpp>

namespace ingot::kernels {

/// output = softmax(scale * queries keys^T + causal mask) values, one page at a time: the running maximum m and sum l of each row
/// rescale what was added before (arXiv 1805.02867, 2205.14135). Pages no row of a block may see are skipped. A row's result
/// does not depend on the rows beside it.
template <class Isa, quant::Scheme KV>
void attention(const AttentionTask& task, float* scratch) noexcept {
  using B = FloatBatch<Isa>;
  constexpr float lowest = -1e30f;  // stands for minus infinity, whose differences are not numbers
  const std::size_t key_width = detail::padded_width(task.head.key), value_width = detail::padded_width(task.head.value);
  float* const queries = scratch;                                         // [block, key_width], scaled
  float* const sums = queries + detail::query_block * key_width;          // [block, value_width]
  float* const weights = sums + detail::query_block * value_width;        // [block, 64]
  float* const largest = weights + detail::query_block * page_positions;  // [block]
  float* const total = largest + detail::query_block;                     // [block]

  const std::size_t stacked = std::size_t{task.rows} * task.heads;
  for (std::size_t begin = 0; begin < stacked; begin += detail::query_block) {
    const std::size_t count = detail::smaller<Isa>(stacked - begin, detail::query_block);
    const auto position_of = [&](std::size_t r) __attribute__((always_inline)) { return task.position + (begin + r) / task.heads; };
    const auto first_seen = [&](std::size_t position) __attribute__((always_inline)) {
      return task.window != 0 && position >= task.window ? position + 1 - task.window : 0;
    };
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t row = (begin + r) / task.heads, head = (begin + r) % task.heads;
      const float* query = task.queries + row * task.query_stride + head * task.head.key;
      transform<Isa>(
          queries + r * key_width, task.head.key, [&](B v) { return v * B(task.scale); }, query);
      for (std::size_t i = 0; i < value_width; ++i) sums[r * value_width + i] = 0.f;
      largest[r] = lowest, total[r] = 0.f;
    }

    // Decode reads each page once, from memory: what the next product needs is asked for before this one starts, as the hardware
    // prefetcher does not follow panels of 4 KiB (a fifth to a third less time for bf16).
    const bool few = count <= detail::few_queries;

    const std::size_t end = position_of(count - 1) + 1;
    for (std::size_t page = first_seen(position_of(0)) / page_positions; page * page_positions < end; ++page) {
      const std::size_t base = page * page_positions, present = detail::smaller<Isa>(end - base, page_positions);
      const std::size_t panels = (present + quant::panel_rows - 1) / quant::panel_rows;
      const MatrixBytes keys{key_layout(KV, task.head), task.pages[page] + task.key_offset, nullptr};
      const std::byte* const value_page = task.pages[page] + task.value_offset;
      for (std::size_t i = 0; few && i < value_bytes(KV, task.head); i += quant::line_bytes) Ops<Isa>::prefetch(value_page + i);
      multiply_floats<Isa, KV, Write>(keys, {.floats = queries, .stride = key_width, .rows = count}, task.head.key, weights, page_positions,
                                      {0, panels}, Update::store);
      for (std::size_t r = 0; r < count; ++r) {
        const std::size_t position = position_of(r), first = first_seen(position);
        float* const row = weights + r * page_positions;
        const std::size_t from = first > base ? detail::smaller<Isa>(first - base, present) : 0;
        const std::size_t to = position < base ? 0 : detail::smaller<Isa>(position + 1 - base, present);
        for (std::size_t i = 0; i < from; ++i) row[i] = lowest;
        for (std::size_t i = from < to ? to : from; i < page_positions; ++i) row[i] = lowest;
        const auto larger = [](B a, B b) { return xsimd::max(a, b); };
        const float before = largest[r], now = max_lanes<Isa>(fold<Isa>(row, page_positions, before, before, larger, larger));
        if (now == lowest) {  // nothing seen yet
          for (std::size_t i = 0; i < present; ++i) row[i] = 0.f;
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
          total[r] *= rescale;
          transform<Isa>(
              sums + r * value_width, value_width, [rescale](B v) { return v * B(rescale); }, sums + r * value_width);
          largest[r] = now;
        }
        total[r] += sum;
      }
      const MatrixBytes values{value_layout(KV, task.head), value_page, nullptr};
      const std::byte* const next_keys = base + page_positions < end ? task.pages[page + 1] + task.key_offset : nullptr;
      for (std::size_t i = 0; few && next_keys != nullptr && i < key_bytes(KV, task.head); i += quant::line_bytes)
        Ops<Isa>::prefetch(next_keys + i);
      multiply_floats<Isa, KV, Write>(values, {.floats = weights, .stride = page_positions, .rows = count}, present, sums, value_width,
                                      {0, value_width / quant::panel_rows}, Update::add);
    }

    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t row = (begin + r) / task.heads, head = (begin + r) % task.heads;
      const B inverse(1.0f / total[r]);
      transform<Isa>(
          task.output + row * task.output_stride + head * task.head.value, task.head.value, [inverse](B v) { return v * inverse; },
          sums + r * value_width);
    }
  }
}

/// Stores the key and the value of one position (slot = position % 64) of one KV head into its page.
template <class Isa, quant::Scheme KV>
void append(const float* key, const float* value, HeadShape head, std::uint32_t slot, std::byte* keys, std::byte* values) noexcept {
  static_assert(KV == quant::f32 || KV == quant::bf16, "no kernel for this KV scheme");
  const auto put = [](std::byte * p, float v) __attribute__((always_inline)) {
    if constexpr (KV == quant::f32) {
      std::memcpy(p, &v, sizeof v);
    } else {
      const std::uint32_t u = __builtin_bit_cast(std::uint32_t, v);  // as to_bf16(), inlined into code of this ISA
      const bool nan = (u & 0x7fffffffu) > 0x7f800000u;
      const auto brain = static_cast<std::uint16_t>(nan ? u >> 16 | 0x40u : (u + 0x7fffu + (u >> 16 & 1u)) >> 16);
      std::memcpy(p, &brain, sizeof brain);
    }
  };
  constexpr std::size_t line_columns = 32 / KV.bits, element = KV.bits / 8;
  std::byte* const key_panel = keys + slot / quant::panel_rows * (divide_up(head.key, line_columns) * quant::line_bytes);
  for (std::size_t d = 0; d < head.key; ++d)
    put(key_panel + d / line_columns * quant::line_bytes + slot % quant::panel_rows * 4 + d % line_columns * element, key[d]);
  std::byte* const value_line = values + slot / line_columns * quant::line_bytes + slot % line_columns * element;
  for (std::size_t d = 0; d < head.value; ++d)
    put(value_line + d / quant::panel_rows * (page_positions / line_columns * quant::line_bytes) + d % quant::panel_rows * 4, value[d]);
}

}  // namespace ingot::kernels
