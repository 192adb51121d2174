// SPDX-License-Identifier: Apache-2.0
#pragma once  // benchmarks/kernels/page_softmax.hpp: attention's softmax over one page, which no table of functions holds.

#include <cstddef>

#include <ingot/kernels/attention_task.hpp>

namespace bench {

/// A block of queries that all see all positions of a page. Defined in page_softmax_body.hpp, for the generated translation units
/// with the flags of Isa. The head is told at run time, as in the runtime's kernels.
template <class Isa, ingot::Scheme KV>
struct PageSoftmax {
  static constexpr std::size_t rows = ingot::kernels::detail::query_block, positions = ingot::kernels::page_positions;

  /// Puts products [rows][positions] into scratch, as if no page had come before.
  static void load(float* scratch, ingot::kernels::HeadShape head, const float* products) noexcept;
  /// What attention does with them. `ones`: [positions], the scales of the values; `zeros`: [head.key], the page's first key.
  static void weigh(float* scratch, ingot::kernels::HeadShape head, const float* ones, const float* zeros) noexcept;
  /// The sum of a row's exponentials.
  [[nodiscard]] static float total(float* scratch, ingot::kernels::HeadShape head, std::size_t row) noexcept;
};

}  // namespace bench
