// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/causal_convolution.hpp: every channel's sum of its last few inputs, weighted.

#include <cstddef>
#include <type_traits>

#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/convolution_task.hpp>
#include <ingot/kernels/exp.hpp>

namespace ingot::kernels {

namespace detail {
/// A batch of channels, of which the first `count` are there. `taps` is a number or, so that the loops over it unroll, an
/// integral constant.
template <class Isa, class Taps>
INGOT_INLINE void convolve_channels(const ConvolutionTask& task, Taps taps, std::size_t channel, std::size_t count) noexcept {
  using B = FloatBatch<Isa>;
  const auto load = [&](const float* p) {
    return count == B::size ? B::load_unaligned(p + channel) : load_part<Isa>(p + channel, count, 0.f);
  };
  const auto store = [&](float* p, B v) {
    if (count == B::size)
      v.store_unaligned(p + channel);
    else
      store_part<Isa>(p + channel, v, count);
  };
  constexpr bool known = !std::is_integral_v<Taps>;
  B weight[known ? std::size_t{Taps{}} : max_taps], input[known ? std::size_t{Taps{}} : max_taps];
  for (std::size_t t = 0; t < taps; ++t) weight[t] = load(task.weights + t * task.tap_stride);
  for (std::size_t t = 0; t + 1 < taps; ++t) input[t + 1] = load(task.state + t * task.tap_stride);
  const B bias = task.bias == nullptr ? B(0.f) : load(task.bias);
  for (std::size_t row = 0; row < task.rows; ++row) {
    for (std::size_t t = 0; t + 1 < taps; ++t) input[t] = input[t + 1];
    B x = load(task.input + row * task.input_stride);
    if (task.input_gate != nullptr) x = x * load(task.input_gate + row * task.input_stride);
    input[taps - 1] = x;
    B y = bias;
    for (std::size_t t = 0; t < taps; ++t) y = xsimd::fma(input[t], weight[t], y);
    if (task.activation == ConvolutionActivation::silu) y = y / (B(1.f) + exponential<Isa>(-y));
    if (task.output_gate != nullptr) y = y * load(task.output_gate + row * task.input_stride);
    store(task.output + row * task.output_stride, y);
  }
  for (std::size_t t = 0; t + 1 < taps; ++t) store(task.state + t * task.tap_stride, input[t + 1]);
}

template <class Isa, class Taps>
void convolve(const ConvolutionTask& task, Taps taps) noexcept {
  constexpr std::size_t size = FloatBatch<Isa>::size;
  std::size_t channel = 0;
  for (; channel + size <= task.channels; channel += size) convolve_channels<Isa>(task, taps, channel, size);
  if (channel < task.channels) convolve_channels<Isa>(task, taps, channel, task.channels - channel);
}
}  // namespace detail

/// output[row] = activation(bias + sum over t of weights[t] * input[row + t - (taps - 1)]) for each channel, where inputs before
/// the first row come from the state; the state becomes the last taps - 1 inputs. With gates: the input is input * input_gate,
/// the output is multiplied by output_gate. Rows together and rows one by one give the same bits.
template <class Isa>
void causal_convolution(const ConvolutionTask& task) noexcept {
  switch (task.taps) {
    case 3:
      return detail::convolve<Isa>(task, std::integral_constant<std::size_t, 3>{});  // LFM2
    case 4:
      return detail::convolve<Isa>(task, std::integral_constant<std::size_t, 4>{});  // Qwen3-Next, Mamba
    default:
      return detail::convolve<Isa>(task, std::size_t{task.taps});
  }
}

}  // namespace ingot::kernels
