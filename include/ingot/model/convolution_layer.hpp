// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/convolution_layer.hpp: a short gated convolution in the place of attention (LFM2).

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <ingot/core/checked.hpp>
#include <ingot/kernels/convolution_task.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/layer_state.hpp>
#include <ingot/model/residual.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// residual += W_out (c * convolution(b * x)), where [b; c; x] = W_in n, n the fed rows. Every lane has channels of its own, of all
/// three and of the state, so that nobody waits before the output.
template <Family F, class Backend>
void convolve(LanePass<Backend>& p, std::uint32_t layer) {
  const Shape& shape = p.backend.extents_of(layer);
  const ConvolutionWeights<Backend>& w = p.weights.layers[layer].convolution;
  const Rows<float> mixed = p.state.mixed, context = p.state.context;
  const std::size_t hidden = shape.hidden, panels = divide_up(hidden, quant::panel_rows);
  const Slice mine = p.lane.slice(panels);
  const std::size_t first = mine.begin * quant::panel_rows, end = std::min(mine.end * quant::panel_rows, hidden);
  if (hidden % quant::panel_rows == 0) {
    for (std::size_t part = 0; part < 3; ++part) p.multiply(w.input, mixed, {part * panels + mine.begin, part * panels + mine.end});
  } else {
    p.multiply(w.input, mixed);  // [rows, 3 * hidden]
    p.lane.barrier();
  }
  for (const Run& run : p.batch.runs())
    each_stretch(run, [&](std::uint32_t row, std::uint32_t rows, std::uint32_t position) {
      if (first >= end) return;
      float* const state = p.cache.state(run.sequence, layer);
      p.backend.kernels.causal_convolution({.input = mixed.row(row) + 2 * hidden + first,
                                            .input_gate = mixed.row(row) + first,
                                            .output_gate = mixed.row(row) + hidden + first,
                                            .output = context.row(row) + first,
                                            .input_stride = mixed.layout().stride(),
                                            .output_stride = context.layout().stride(),
                                            .weights = w.taps + first,
                                            .bias = w.bias == nullptr ? nullptr : w.bias + first,
                                            .state = state + first,
                                            .tap_stride = hidden,
                                            .rows = rows,
                                            .channels = static_cast<std::uint32_t>(end - first),
                                            .taps = shape.taps});
      if (float* const copy = p.cache.snapshot(run.sequence, layer, position))
        for (std::size_t t = 0; t + 1 < shape.taps; ++t)
          std::copy(state + t * hidden + first, state + t * hidden + end, copy + t * hidden + first);
    });
  p.lane.barrier();
  p.feed(context, hidden);
  add_to_residual<F>(p, w.output);
  p.lane.barrier();
}

}  // namespace ingot::model
