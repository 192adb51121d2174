// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/feed_forward.hpp: the dense feed-forward of a layer.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <ingot/kernels/input.hpp>
#include <ingot/kernels/matrix.hpp>
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

/// Columns of W_down's input that widen_blocks() makes at a time, whole blocks under one scale; 0 where there are none to share evenly.
template <Family F, class Backend, class W>
[[nodiscard]] std::size_t block_columns(const LanePass<Backend>& p, const W& w, std::size_t width) {
  const kernels::InputForm form = w.down.matrix.form();
  if (p.replicated || !form.integer || form.block == 0) return 0;
  if constexpr (F.feed_forward != FeedForward::plain)
    if (w.gate.matrix.form() != w.up.matrix.form()) return 0;
  const std::size_t columns = std::max<std::size_t>(form.block, 8 * quant::panel_rows), blocks = divide_up(width, columns);
  const std::size_t most = divide_up(blocks, std::size_t{p.lane.size()});
  return most * p.lane.size() * 8 <= blocks * 9 ? columns : 0;
}

/// widen() of many rows, `columns` at a time, which are activated and quantized while they are in the L2 cache: StepState::wide holds
/// W_down's input when all lanes are here. Neither factor reaches memory: two Emerald Rapids cores prefill 512 tokens 1.15 times as fast
/// with 135 M parameters, 1.2 times with 0.5 and 1.5 B (with what quantize_columns() and NextCodes gain).
template <Family F, class Backend, class W>
void widen_blocks(LanePass<Backend>& p, const W& w, std::size_t width, std::size_t columns) {
  constexpr bool gated = F.feed_forward != FeedForward::plain;
  constexpr std::size_t some = 16;  // rows that are quantized while they are in the L1 cache
  const kernels::InputForm form = w.down.matrix.form();
  const kernels::Input x = p.input(w.up.matrix.form());
  const Rows<float> rows = p.part_rows(gated ? 2 * columns : columns);  // of each row the gate's columns, then those of W_up
  const std::size_t panels = columns / quant::panel_rows, up = gated ? columns : 0;
  const auto multiply = [&](const auto& linear, Slice part, float* y) {
    linear.matrix.part(part).multiply(x, y, rows.layout().stride(), {0, part.size()},
                                      kernels::Epilogue{kernels::Update::store, linear.bias}.from(part.begin * quant::panel_rows));
  };
  each_part(p.lane.slice(w.up.matrix.layout.panels(), panels), panels, [&](Slice part) {
    if (part.empty()) return;
    const Slice made{part.begin * quant::panel_rows, std::min(part.end * quant::panel_rows, width)};
    if constexpr (gated) multiply(w.gate, part, rows.data());
    multiply(w.up, part, rows.data() + up);
    for (std::size_t begin = 0; begin < p.batch.rows(); begin += some) {
      const Slice few{begin, std::min<std::size_t>(begin + some, p.batch.rows())};
      for (std::size_t r = few.begin; r < few.end; ++r) activate<F>(p, rows.row(r), rows.row(r) + up, 0, made.size());
      p.state.wide.quantize_columns(p.backend.kernels, rows, few, made, width, form);
    }
  });
}

/// residual += W_down act(W_gate n, W_up n), n the fed rows
template <Family F, class Backend>
void feed_forward(LanePass<Backend>& p, std::uint32_t layer) {
  const auto& w = p.weights.layers[layer].dense;
  const std::size_t width = p.backend.extents_of(layer).intermediate;
  if (const std::size_t columns = block_columns<F>(p, w, width)) {
    widen_blocks<F>(p, w, width, columns);
    p.lane.barrier();
    p.feed(p.state.wide, w.down.matrix.form());
  } else {
    const Rows<float> wide = widen<F>(p, w, width);
    p.expect(w.down);
    p.lane.barrier();
    p.feed(wide, width);
  }
  add_to_residual<F>(p, w.down);
  if (layer + 1 < p.weights.layers.size())
    p.expect(p.weights.layers[layer + 1].heads.query);
  else
    p.expect(p.weights.head);
  p.lane.barrier();
}

}  // namespace ingot::model
