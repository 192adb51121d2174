// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/delta_task.hpp: what the gated delta rule reads and writes, and how its state is laid out.

#include <cstddef>
#include <cstdint>

#include <ingot/core/checked.hpp>
#include <ingot/kernels/attention_task.hpp>

namespace ingot::kernels {

/// Columns of a head's state, a matrix [head.key, head.value]: its rows are padded with zeros to whole registers.
[[nodiscard]] constexpr std::size_t state_columns(HeadShape head) noexcept { return round_up(std::size_t{head.value}, 16); }
/// Floats of one value head's state.
[[nodiscard]] constexpr std::size_t delta_state_floats(HeadShape head) noexcept { return head.key * state_columns(head); }

/// Consecutive rows of one sequence, one key head, and the value heads that share it.
struct DeltaTask {
  float* queries = nullptr;       // [rows][head.key], normalized in place
  float* keys = nullptr;          // [rows][head.key], normalized in place
  const float* values = nullptr;  // [rows][heads][head.value]
  float* output = nullptr;        // [rows][heads][head.value]
  const float* a = nullptr;       // [rows][heads], how fast the state fades
  const float* b = nullptr;       // [rows][heads], how strongly the row is written
  std::size_t stride = 0;         // of queries, keys and values: from one row to the next
  std::size_t output_stride = 0;
  std::size_t gate_stride = 0;    // of a and b
  const float* a_log = nullptr;   // [heads]
  const float* a_bias = nullptr;  // [heads], the checkpoints' dt_bias
  float* state = nullptr;         // [heads][head.key][state_columns(head)]
  std::uint32_t rows = 0, heads = 0;
  HeadShape head;
};

}  // namespace ingot::kernels
