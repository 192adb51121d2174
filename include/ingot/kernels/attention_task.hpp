// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/attention_task.hpp: what attention reads and writes, and how a page of the KV cache is laid out.

#include <cstddef>
#include <cstdint>

#include <ingot/core/checked.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::kernels {

/// Positions of one page of the KV cache.
inline constexpr std::uint32_t page_positions = 64;

/// Widths of a head's queries and keys, and of its values.
struct HeadShape {
  std::uint32_t key = 0, value = 0;
};

/// The keys of a page's positions for one KV head: a packed matrix [64, key]; the values: a packed matrix [value, 64]. So the
/// matrix kernels multiply both as they lie.
[[nodiscard]] constexpr PackedLayout key_layout(const quant::Scheme& kv, HeadShape head) noexcept { return {kv, page_positions, head.key}; }
[[nodiscard]] constexpr PackedLayout value_layout(const quant::Scheme& kv, HeadShape head) noexcept {
  return {kv, head.value, page_positions};
}
[[nodiscard]] constexpr std::size_t key_bytes(const quant::Scheme& kv, HeadShape head) noexcept {
  const PackedLayout layout = key_layout(kv, head);
  return round_up(layout.quant_bytes() + layout.scale_bytes(), quant::line_bytes);
}
[[nodiscard]] constexpr std::size_t value_bytes(const quant::Scheme& kv, HeadShape head) noexcept {
  const PackedLayout layout = value_layout(kv, head);
  return round_up(layout.quant_bytes() + layout.scale_bytes(), quant::line_bytes);
}

/// Consecutive rows of one sequence and the query heads that share one KV head.
struct AttentionTask {
  const float* queries = nullptr;  // [rows][heads][head.key], rotated
  float* output = nullptr;         // [rows][heads][head.value]
  std::size_t query_stride = 0;    // from one row to the next
  std::size_t output_stride = 0;
  std::uint32_t rows = 0, heads = 0;  // heads: queries of a row that share the keys
  HeadShape head;
  std::uint32_t position = 0;               // of the first row; row i sees keys 0 .. position + i
  std::uint32_t window = 0;                 // 0, or the number of the latest keys a row sees, its own included
  float scale = 1;                          // on the products, usually 1 / sqrt(head.key)
  const std::byte* const* pages = nullptr;  // [position / 64]
  std::size_t key_offset = 0;               // of this layer's and head's keys in a page, in bytes
  std::size_t value_offset = 0;
};

namespace detail {
/// Query rows (row x head) that go through the pages together; a multiple of every tile's tokens.
inline constexpr std::size_t query_block = 48;
/// Up to so many, the products wait for memory.
inline constexpr std::size_t few_queries = 16;

[[nodiscard]] constexpr std::size_t padded_width(std::uint32_t width) noexcept { return round_up(width, quant::panel_rows); }
}  // namespace detail

/// Floats of scratch that attention() needs, aligned to 64 bytes.
[[nodiscard]] constexpr std::size_t attention_scratch(HeadShape head) noexcept {
  return detail::query_block * (detail::padded_width(head.key) + detail::padded_width(head.value) + page_positions + 2);
}

}  // namespace ingot::kernels
