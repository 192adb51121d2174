// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/delta_layer.hpp: a gated delta rule in the place of attention (Qwen3-Next, Qwen3.5; arXiv 2412.06464).

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <ingot/kernels/convolution_task.hpp>
#include <ingot/kernels/delta_task.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/layer_state.hpp>
#include <ingot/model/residual.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// One key head of a delta layer with the value heads that share it. Its channels and its part of the state are one lane's, which
/// so finishes the head alone.
template <class Backend>
class DeltaHead {
 public:
  DeltaHead(const LanePass<Backend>& p, std::uint32_t layer, std::size_t head)
      : p_{p},
        w_{p.weights.layers[layer].delta},
        layer_{layer},
        shape_{p.backend.extents_of(layer)},
        at_{shape_},
        state_{shape_},
        group_{shape_.delta_heads / shape_.delta_key_heads},
        head_{head} {}

  /// Rows of StepState::context from rows of StepState::mixed, which are used up.
  void run(const Run& run) const {
    float* const state = p_.cache.state(run.sequence, layer_);
    each_stretch(run, [&](std::uint32_t row, std::uint32_t rows, std::uint32_t end) {
      each_channels([&](Slice channels) { convolve(row, rows, state, channels); });
      recur(row, rows, state);
      for (std::uint32_t r = row; r < row + rows; ++r) gate(r);
      if (float* const copy = p_.cache.snapshot(run.sequence, layer_, end)) save(state, copy);
    });
  }

 private:
  /// The channels of the query, the key and the values.
  template <class Use>
  void each_channels(Use&& use) const {
    const std::size_t key = shape_.delta_key, values = group_ * shape_.delta_value;
    use(Slice{at_.query + head_ * key, at_.query + (head_ + 1) * key});
    use(Slice{at_.key + head_ * key, at_.key + (head_ + 1) * key});
    use(Slice{at_.value + head_ * values, at_.value + (head_ + 1) * values});
  }
  void convolve(std::uint32_t row, std::uint32_t rows, float* state, Slice channels) const {
    float* const x = p_.state.mixed.row(row) + channels.begin;
    p_.backend.kernels.causal_convolution({.input = x,
                                           .output = x,
                                           .input_stride = p_.state.mixed.layout().stride(),
                                           .output_stride = p_.state.mixed.layout().stride(),
                                           .weights = w_.taps + channels.begin,
                                           .state = state + channels.begin,
                                           .tap_stride = shape_.delta_channels(),
                                           .rows = rows,
                                           .channels = static_cast<std::uint32_t>(channels.size()),
                                           .taps = shape_.taps,
                                           .activation = kernels::ConvolutionActivation::silu});
  }
  void recur(std::uint32_t row, std::uint32_t rows, float* state) const {
    float* const x = p_.state.mixed.row(row);
    const std::size_t first = head_ * group_;  // of the value heads
    p_.backend.kernels.delta_rule({.queries = x + at_.query + head_ * shape_.delta_key,
                                   .keys = x + at_.key + head_ * shape_.delta_key,
                                   .values = x + at_.value + first * shape_.delta_value,
                                   .output = p_.state.context.row(row) + first * shape_.delta_value,
                                   .a = x + at_.decay + first,
                                   .b = x + at_.beta + first,
                                   .stride = p_.state.mixed.layout().stride(),
                                   .output_stride = p_.state.context.layout().stride(),
                                   .gate_stride = p_.state.mixed.layout().stride(),
                                   .a_log = w_.decay_log + first,
                                   .a_bias = w_.decay_bias + first,
                                   .state = state + state_.heads + first * state_.head_floats,
                                   .rows = rows,
                                   .heads = static_cast<std::uint32_t>(group_),
                                   .head = {shape_.delta_key, shape_.delta_value}});
  }
  /// output = norm(output) * silu(z), for each value head
  void gate(std::uint32_t row) const {
    const std::size_t width = shape_.delta_value;
    for (std::size_t h = head_ * group_; h < (head_ + 1) * group_; ++h) {
      float* const x = p_.state.context.row(row) + h * width;
      p_.backend.kernels.rms_norm(x, w_.norm, x, width, p_.config.norm_eps);
      p_.backend.kernels.gate(Activation::silu, p_.state.mixed.row(row) + at_.gate + h * width, x, x, width);
    }
  }
  void save(const float* state, float* copy) const {
    for (std::size_t t = 0; t + 1 < shape_.taps; ++t)
      each_channels([&](Slice channels) {
        const std::size_t first = t * shape_.delta_channels() + channels.begin;
        std::copy_n(state + first, channels.size(), copy + first);
      });
    const std::size_t first = state_.heads + head_ * group_ * state_.head_floats;
    std::copy_n(state + first, group_ * state_.head_floats, copy + first);
  }

  const LanePass<Backend>& p_;
  const DeltaWeights<Backend>& w_;
  std::uint32_t layer_;
  const Shape& shape_;
  DeltaColumns at_;
  DeltaState state_;
  std::size_t group_, head_;
};

/// residual += W_out (norm(delta_rule(silu(convolution(W_qkv n)), W_a n, W_b n)) * silu(W_z n)), n the fed rows
template <Family F, class Backend>
void recur(LanePass<Backend>& p, std::uint32_t layer) {
  const Shape& shape = p.backend.extents_of(layer);
  const DeltaWeights<Backend>& w = p.weights.layers[layer].delta;
  const DeltaColumns at{shape};
  const std::size_t keys = std::size_t{shape.delta_key_heads} * shape.delta_key,
                    values = std::size_t{shape.delta_heads} * shape.delta_value;
  p.multiply(w.query, columns(p.state.mixed, at.query, keys));
  p.multiply(w.key, columns(p.state.mixed, at.key, keys));
  p.multiply(w.value, columns(p.state.mixed, at.value, values));
  p.multiply(w.gate, columns(p.state.mixed, at.gate, values));
  p.multiply(w.beta, columns(p.state.mixed, at.beta, shape.delta_heads));
  p.multiply(w.decay, columns(p.state.mixed, at.decay, shape.delta_heads));
  p.lane.barrier();
  const Slice heads = p.lane.slice(shape.delta_key_heads);
  for (std::size_t h = heads.begin; h < heads.end; ++h)
    for (const Run& run : p.batch.runs()) DeltaHead<Backend>{p, layer, h}.run(run);
  p.lane.barrier();
  p.feed(p.state.context, values);
  add_to_residual<F>(p, w.output);
  p.lane.barrier();
}

}  // namespace ingot::model
