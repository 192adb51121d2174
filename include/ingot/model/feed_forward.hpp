// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/feed_forward.hpp: the dense feed-forward of a layer.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <ingot/kernels/input.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/residual.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// The activated columns [begin, end) of one row, written to `up`'s row where there is no gate, else to `gate`'s.
template <Family F, class Backend>
void activate(const LanePass<Backend>& p, float* gate, float* up, std::size_t begin, std::size_t end) {
  const auto& kernels = p.backend.kernels;
  if constexpr (F.feed_forward == FeedForward::plain)
    kernels.activate(p.config.activation, up + begin, end - begin);
  else if constexpr (F.feed_forward == FeedForward::clamped)
    kernels.gate_clamped(gate + begin, up + begin, gate + begin, end - begin, p.config.glu_limit, p.config.glu_alpha);
  else
    kernels.gate(p.config.activation, gate + begin, up + begin, gate + begin, end - begin);
}

/// The fed rows through W_gate and W_up and the activation: [rows, width], ready to be fed to W_down when all lanes are here.
template <Family F, class Backend, class W>
Rows<float> widen(LanePass<Backend>& p, const W& w, std::size_t width) {
  StepState& state = p.state;
  const Slice panels = p.panels_of(w.up);
  const auto finish = [&](Slice part) {
    const std::size_t begin = part.begin * quant::panel_rows, end = std::min(part.end * quant::panel_rows, width);
    for (std::size_t r = 0; begin < end && r < p.batch.rows(); ++r) activate<F>(p, state.gate.row(r), state.up.row(r), begin, end);
  };
  if constexpr (F.feed_forward == FeedForward::plain) {
    p.multiply(w.up, state.up, panels);
    finish(panels);
    return state.up;
  } else {
    // Of many rows a few panels at a time, so that both factors are still in the L2 cache when they are multiplied; of few rows all
    // at once, so that the weights are read in one stretch.
    const bool one_form = w.gate.matrix.form() == w.up.matrix.form();
    each_part(panels, one_form && !p.replicated ? 8 : panels.size(), [&](Slice part) {
      p.multiply(w.gate, state.gate, part);
      p.multiply(w.up, state.up, part);
      finish(part);
    });
    return state.gate;
  }
}

/// residual += W_down act(W_gate n, W_up n), n the fed rows
template <Family F, class Backend>
void feed_forward(LanePass<Backend>& p, std::uint32_t layer) {
  const auto& w = p.weights.layers[layer].dense;
  const Shape& shape = p.backend.extents_of(layer);
  const Rows<float> wide = widen<F>(p, w, shape.intermediate);
  p.expect(w.down);
  p.lane.barrier();
  p.feed(wide, shape.intermediate);
  add_to_residual<F>(p, w.down);
  if (layer + 1 < p.weights.layers.size())
    p.expect(p.weights.layers[layer + 1].heads.query);
  else
    p.expect(p.weights.head);
  p.lane.barrier();
}

}  // namespace ingot::model
