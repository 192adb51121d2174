// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/convolution_task.hpp: what the causal convolution reads and writes.

#include <cstddef>
#include <cstdint>

namespace ingot::kernels {

/// The longest convolution.
inline constexpr std::uint32_t max_taps = 16;

enum class ConvolutionActivation : std::uint8_t { none, silu };

/// Consecutive rows of one sequence and a slice of the channels: every pointer is to the slice's first channel. What belongs to
/// neighbouring channels lies side by side, so that a register holds channels, not taps.
struct ConvolutionTask {
  const float* input = nullptr;        // [rows][channels]
  const float* input_gate = nullptr;   // [rows][channels], multiplied with the input, or nullptr
  const float* output_gate = nullptr;  // [rows][channels], multiplied with the output, or nullptr
  float* output = nullptr;             // [rows][channels], may be input
  std::size_t input_stride = 0;        // of input and gates: from one row to the next
  std::size_t output_stride = 0;
  const float* weights = nullptr;                  // [taps][channels], the tap of the oldest input first
  const float* bias = nullptr;                     // [channels], or nullptr
  float* state = nullptr;                          // [taps - 1][channels], the inputs (gated) before the first row, oldest first; replaced
  std::size_t tap_stride = 0;                      // of weights and state: all channels of the layer
  std::uint32_t rows = 0, channels = 0, taps = 0;  // taps: 1 .. max_taps
  ConvolutionActivation activation = ConvolutionActivation::none;
};

}  // namespace ingot::kernels
