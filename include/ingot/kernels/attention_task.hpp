// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/attention_task.hpp: what attention reads and writes, and how a page of the KV cache is laid out.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <ingot/core/checked.hpp>
#include <ingot/core/config.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::kernels {

/// int8 keys and values: codes of -127 .. 127 with one scale for each position of a head, so that what is stored never changes
/// when positions are appended or taken back. Of a key the difference from the page's first key is coded: what the keys of a
/// head have in common, the bias of Qwen2.5 above all, costs no precision (perplexity of Qwen2.5-Coder-0.5B: +1.2 % without, +2.1 %
/// without hadamard.hpp, too, +0.0 % with both).
inline constexpr quant::Scheme int8_kv{.bits = 8, .group = 0};

/// How keys and values may be stored.
inline constexpr std::array kv_schemes{quant::f32, quant::bf16, int8_kv};

[[nodiscard]] constexpr std::size_t kv_index(const quant::Scheme& kv) noexcept {
  std::size_t i = 0;
  while (i < kv_schemes.size() && kv_schemes[i] != kv) ++i;
  return i;
}

/// Positions of one page of the KV cache.
inline constexpr std::uint32_t page_positions = 64;
/// Positions that attention sums up on their own before the sums are joined, in order: the unit that lanes share in decode.
inline constexpr std::uint32_t span_positions = 4 * page_positions;

/// Widths of a head's queries and keys, and of its values.
struct HeadShape {
  std::uint32_t key = 0, value = 0;
};

/// The keys of a page's positions for one KV head: a packed matrix [64, key]; the values: a packed matrix [value, 64]. So the
/// matrix kernels multiply both as they lie. The scales of int8 keys are the matrix's own; behind them stands the page's first key
/// as floats. The scales of int8 values belong to columns and so stand behind the matrix as 64 floats, zeros where no
/// position is stored yet: attention multiplies its weights by them.
[[nodiscard]] constexpr PackedLayout key_layout(const quant::Scheme& kv, HeadShape head) noexcept { return {kv, page_positions, head.key}; }
[[nodiscard]] constexpr PackedLayout value_layout(const quant::Scheme& kv, HeadShape head) noexcept {
  return {kv, head.value, page_positions};
}
/// Floats of the key that the codes of a page's keys are differences from, zeros behind its end included.
[[nodiscard]] constexpr std::size_t reference_floats(HeadShape head) noexcept { return round_up(std::size_t{head.key}, 16); }
[[nodiscard]] constexpr std::size_t reference_offset(const quant::Scheme& kv, HeadShape head) noexcept {
  const PackedLayout layout = key_layout(kv, head);
  return layout.quant_bytes() + layout.scale_bytes();
}
[[nodiscard]] constexpr std::size_t key_bytes(const quant::Scheme& kv, HeadShape head) noexcept {
  return reference_offset(kv, head) + (kv.is_integer() ? reference_floats(head) * sizeof(float) : 0);
}
[[nodiscard]] constexpr std::size_t value_bytes(const quant::Scheme& kv, HeadShape head) noexcept {
  return value_layout(kv, head).quant_bytes() + (kv.is_integer() ? page_positions * sizeof(float) : 0);
}
static_assert(key_bytes(quant::bf16, {64, 64}) == 8192 && key_bytes(int8_kv, {64, 64}) == 4096 + 128 + 256);
static_assert(value_bytes(quant::bf16, {64, 64}) == 8192 && value_bytes(int8_kv, {64, 64}) == 4096 + 256);

/// Stands for a sink that weighs nothing.
inline constexpr float no_sink = -std::numeric_limits<float>::infinity();

/// Consecutive rows of one sequence and the query heads that share one KV head.
struct AttentionTask {
  const float* queries = nullptr;  // [rows][heads][head.key], rotated
  float* output = nullptr;         // [rows][heads][head.value]
  std::size_t query_stride = 0;    // from one row to the next
  std::size_t output_stride = 0;
  std::uint32_t rows = 0, heads = 0;  // heads: queries of a row that share the keys
  HeadShape head;
  std::uint32_t position = 0;               // of the first row; which keys a row sees: keys_seen()
  std::uint32_t window = 0;                 // 0, or the number of the latest keys a row sees, its own included
  std::uint32_t chunk = 0;                  // 0, or the length of the chunks that positions are cut into: a row sees its own
  std::uint32_t prefix = 0;                 // keys below it are seen by every row, earlier ones, too; window and chunk are then void
  float scale = 1;                          // on the products, usually 1 / sqrt(head.key)
  float soft_cap = 0;                       // 0, or c: scaled products become c tanh(product / c)
  const float* slopes = nullptr;            // [heads], ALiBi (arXiv 2108.12409): slope * (key - query position) is added; or nullptr
  const float* sinks = nullptr;             // [heads], the product of one more key, whose value is 0 (GPT-OSS); or nullptr
  const std::byte* const* pages = nullptr;  // [position / 64]
  std::size_t key_offset = 0;               // of this layer's and head's keys in a page, in bytes
  std::size_t value_offset = 0;

  [[nodiscard]] INGOT_INLINE constexpr float sink(std::size_t query_head) const noexcept {
    return sinks == nullptr ? no_sink : sinks[query_head];
  }
};

/// Positions [begin, end).
struct KeyRange {
  std::uint32_t begin = 0, end = 0;
};

/// The keys that a row of the task at `position` sees. Neither end is below that of an earlier row.
[[nodiscard]] INGOT_INLINE constexpr KeyRange keys_seen(const AttentionTask& task, std::uint32_t position) noexcept {
  const std::uint32_t end = position + 1;
  if (task.prefix != 0) return {0, end < task.prefix ? task.prefix : end};
  const std::uint32_t window_begin = task.window != 0 && end > task.window ? end - task.window : 0;
  const std::uint32_t chunk_begin = task.chunk != 0 ? position - position % task.chunk : 0;
  return {window_begin < chunk_begin ? chunk_begin : window_begin, end};
}

/// The spans that the rows of a task see: [first, last).
struct SpanRange {
  std::uint32_t first = 0, last = 0;
};
[[nodiscard]] INGOT_INLINE constexpr SpanRange spans_of(const AttentionTask& task) noexcept {
  const KeyRange first = keys_seen(task, task.position), last = keys_seen(task, task.position + task.rows - 1);
  return {first.begin / span_positions, (last.end + span_positions - 1) / span_positions};
}

/// One query's sums over a span: the values times e^(product - largest), the largest product, the sum of the exponentials.
/// A row of `stride` floats holds the values, padded to a panel, and the two numbers behind them.
struct PartialLayout {
  std::size_t values = 0;

  explicit constexpr PartialLayout(HeadShape head) noexcept : values{round_up(std::size_t{head.value}, quant::panel_rows)} {}
  [[nodiscard]] constexpr std::size_t stride() const noexcept { return values + quant::panel_rows; }
  [[nodiscard]] constexpr std::size_t largest() const noexcept { return values; }
  [[nodiscard]] constexpr std::size_t total() const noexcept { return values + 1; }
};

namespace detail {
/// Query rows (row x head) that go through the pages together; a multiple of every tile's tokens.
inline constexpr std::size_t query_block = 48;
/// Up to so many, the products wait for memory.
inline constexpr std::size_t few_queries = 16;

/// Floats that hold a row of activations and, for int8, its codes.
[[nodiscard]] constexpr std::size_t page_input_floats(std::size_t width) noexcept {
  return round_up(width, 16) + round_up(width, 64) / 4 + 2;
}
}  // namespace detail

/// Floats of scratch that attention() needs, aligned to 64 bytes.
[[nodiscard]] constexpr std::size_t attention_scratch(HeadShape head) noexcept {
  const PartialLayout partial{head};
  const std::size_t ones = partial.values / 2;  // one binary16 for each value
  return detail::query_block * (detail::page_input_floats(head.key) + detail::page_input_floats(page_positions) + 2 * partial.stride()) +
         round_up(ones, 16);
}

}  // namespace ingot::kernels
