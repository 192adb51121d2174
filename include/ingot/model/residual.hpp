// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/residual.hpp: the residual stream: how blocks read it through a norm, and how they add to it.

#include <cstddef>

#include <ingot/kernels/matrix.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// y = norm(x), [hidden]
template <Family F, class Backend>
void norm_row(const LanePass<Backend>& p, const NormWeights& norm, const float* x, float* y) {
  const std::size_t hidden = p.backend.shape.hidden;
  if constexpr (F.norm == Norm::layer)
    p.backend.kernels.layer_norm(x, norm.weight, norm.bias, y, hidden, p.config.norm_eps);
  else
    p.backend.kernels.rms_norm(x, norm.weight, y, hidden, p.config.norm_eps);
}

/// Adds what the last block left in StepState::delta to row r, through `behind`, the norm of that block's output (Residual::sandwich).
/// spare: [hidden]
template <Family F, class Backend>
void add_pending(const LanePass<Backend>& p, std::size_t r, const NormWeights* behind, float* spare) {
  if (!p.pending) return;
  const float* delta = p.state.delta.row(r);
  if constexpr (F.residual == Residual::sandwich) {
    norm_row<F>(p, *behind, delta, spare);
    delta = spare;
  }
  if (p.config.residual_scale == 1)
    p.backend.kernels.add(p.residual.row(r), delta, p.backend.shape.hidden);
  else
    p.backend.kernels.add_scaled(p.residual.row(r), delta, p.config.residual_scale, p.backend.shape.hidden);
}

/// The next input is norm(residual), the residual being what all blocks before have added.
template <Family F, class Backend>
void normalize(LanePass<Backend>& p, const NormWeights& norm, const NormWeights* behind) {
  const std::size_t hidden = p.backend.shape.hidden;
  for (std::size_t r = p.mine.begin; r < p.mine.end; ++r) {
    float *x = p.residual.row(r), *y = p.normed.row(r);
    add_pending<F>(p, r, behind, y);
    norm_row<F>(p, norm, x, y);
    if constexpr (F.residual == Residual::post)
      for (std::size_t i = 0; i < hidden; ++i) x[i] = p.config.stream_scale * y[i];
  }
  p.pending = false;
  p.share();
  p.feed(p.normed, hidden);
}

/// Where a block's output goes: into the residual stream at once, or to StepState::delta, which the next normalize() adds. A lane
/// that keeps the stream for itself adds what all have computed there, and so does a stream that adds more than the output itself: of
/// Residual::parallel the sum of both blocks, in one order whatever the number of rows.
template <Family F, class Backend>
[[nodiscard]] bool adds_later(const LanePass<Backend>& p) noexcept {
  return p.replicated || F.residual != Residual::pre || p.config.residual_scale != 1;
}

/// residual += W x + b
template <Family F, class Backend, Role R>
void add_to_residual(LanePass<Backend>& p, const Linear<Backend, R>& linear) {
  if (adds_later<F>(p)) {
    p.multiply(linear, p.state.delta, p.panels_of(linear), p.pending ? kernels::Update::add : kernels::Update::store);
    p.pending = true;
  } else {
    p.multiply(linear, p.residual, p.panels_of(linear), kernels::Update::add);
  }
}

}  // namespace ingot::model
