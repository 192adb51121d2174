// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/causal_convolution.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;
using kernels::ConvolutionActivation;
using kernels::ConvolutionTask;

namespace {

/// Three parts of `all` channels in each row, as the input projection leaves them: the input and two gates.
struct Fixture {
  std::size_t rows, all, taps;
  bool gated, biased;
  ConvolutionActivation activation;
  std::vector<float> mixed, output, weights, bias, state;

  Fixture(std::size_t row_count, std::size_t channels, std::size_t tap_count, bool gates, bool with_bias, ConvolutionActivation act,
          Random& random)
      : rows{row_count},
        all{channels},
        taps{tap_count},
        gated{gates},
        biased{with_bias},
        activation{act},
        mixed{random.normals(rows * 3 * all)},
        output(rows * all, -777.0f),
        weights{random.normals(taps * all)},
        bias{random.normals(all)},
        state{random.normals((taps - 1) * all + 1)} {}

  [[nodiscard]] ConvolutionTask task(std::size_t row, std::size_t row_count, std::size_t channel, std::size_t count) {
    const float* const in = &mixed[row * 3 * all + channel];
    return {.input = in,
            .input_gate = gated ? in + all : nullptr,
            .output_gate = gated ? in + 2 * all : nullptr,
            .output = &output[row * all + channel],
            .input_stride = 3 * all,
            .output_stride = all,
            .weights = &weights[channel],
            .bias = biased ? &bias[channel] : nullptr,
            .state = &state[channel],
            .tap_stride = all,
            .rows = static_cast<std::uint32_t>(row_count),
            .channels = static_cast<std::uint32_t>(count),
            .taps = static_cast<std::uint32_t>(taps),
            .activation = activation};
  }
  /// The input of row `r`, of those before the first if it is below 0.
  [[nodiscard]] double input(std::ptrdiff_t r, std::size_t channel) const {
    if (r < 0) return state[static_cast<std::size_t>(r + static_cast<std::ptrdiff_t>(taps) - 1) * all + channel];
    const float* const in = &mixed[static_cast<std::size_t>(r) * 3 * all + channel];
    return gated ? double{in[0]} * in[all] : double{in[0]};
  }
  [[nodiscard]] double expected(std::size_t r, std::size_t channel) const {
    double y = biased ? bias[channel] : 0;
    for (std::size_t t = 0; t < taps; ++t)
      y += weights[t * all + channel] * input(static_cast<std::ptrdiff_t>(r + t) - static_cast<std::ptrdiff_t>(taps) + 1, channel);
    if (activation == ConvolutionActivation::silu) y /= 1 + std::exp(-y);
    return gated ? y * mixed[(r * 3 + 2) * all + channel] : y;
  }
};

void check(const Functions& f, const Fixture& given) {
  CAPTURE(f.isa);
  CAPTURE(given.rows);
  CAPTURE(given.all);
  CAPTURE(given.taps);
  Fixture together = given, split = given;
  f.causal_convolution(together.task(0, given.rows, 0, given.all));
  double worst = 0, worst_state = 0;
  for (std::size_t c = 0; c < given.all; ++c) {
    for (std::size_t r = 0; r < given.rows; ++r)
      worst = std::max(worst, std::fabs(together.output[r * given.all + c] - given.expected(r, c)));
    for (std::size_t t = 0; t + 1 < given.taps; ++t) {
      const auto row = static_cast<std::ptrdiff_t>(given.rows + t) - static_cast<std::ptrdiff_t>(given.taps) + 1;
      worst_state = std::max(worst_state, std::fabs(together.state[t * given.all + c] - given.input(row, c)));
    }
  }
  CHECK(worst < 2e-5);
  CHECK(worst_state < 1e-6);
  CHECK(together.state.back() == given.state.back());

  // In two slices of the channels and steps of three rows: the same bits.
  const std::size_t half = given.all / 2;
  for (std::size_t r = 0; r < given.rows; r += 3) {
    const std::size_t rows = std::min<std::size_t>(3, given.rows - r);
    f.causal_convolution(split.task(r, rows, 0, half));
    f.causal_convolution(split.task(r, rows, half, given.all - half));
  }
  CHECK(split.output == together.output);
  CHECK(split.state == together.state);
}

}  // namespace

TEST_CASE("causal convolution") {
  Random random{11};
  for (const Functions* f : runnable())
    for (const std::size_t taps : {1u, 2u, 3u, 4u, 5u, 16u})
      for (const std::size_t channels : {1u, 5u, 16u, 23u, 64u, 100u})
        for (const std::size_t rows : {1u, 2u, 3u, 4u, 9u}) {
          check(*f, {rows, channels, taps, false, false, ConvolutionActivation::silu, random});
          check(*f, {rows, channels, taps, true, true, ConvolutionActivation::none, random});
          check(*f, {rows, channels, taps, false, true, ConvolutionActivation::none, random});
        }
}

TEST_CASE("the output may take the place of the input") {
  Random random{12};
  for (const Functions* f : runnable()) {
    Fixture x{5, 37, 4, false, false, ConvolutionActivation::silu, random};
    Fixture y = x;
    f->causal_convolution(x.task(0, 5, 0, 37));
    ConvolutionTask task = y.task(0, 5, 0, 37);
    task.output = y.mixed.data();
    task.output_stride = task.input_stride;
    f->causal_convolution(task);
    for (std::size_t r = 0; r < 5; ++r) CHECK(std::equal(&x.output[r * 37], &x.output[r * 37] + 37, &y.mixed[r * 3 * 37]));
    CHECK(x.state == y.state);
  }
}
