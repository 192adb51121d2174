// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/decoder.hpp: the forward pass. One program that every lane of the team runs, each on its slice.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/model/activations.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/rope.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// A pre-norm decoder of family F. Kv is the storage of keys and values. The Backend brings the extents (`shape`), the kernels
/// (`kernels`) and the matrix types: run-time ones, or constants for an exact-shape model.
///
/// A step of few rows (decode) is *replicated*: every lane keeps the residual stream and the quantized inputs for itself, so that
/// barriers stand only where matrix rows of other lanes are read: 4 a layer, 5 where the KV heads do not divide evenly among the
/// lanes. With many rows (prefill) lanes share the rows.
template <Family F, class Backend, quant::Scheme Kv>
class Decoder {
 public:
  Decoder(Backend backend, Weights<Backend> weights, const Config& config)
      : backend_{std::move(backend)}, weights_{std::move(weights)}, eps_{config.norm_eps}, window_{config.window}, rope_{config.rope} {}

  /// Computes `batch`, whose sequences `cache` has already been extended for; writes `logits`,
  /// [batch.logit_rows().size(), vocabulary]. The result does not depend on the number of lanes.
  void step(Team& team, const Batch& batch, const KvCache& cache, Rows<float> logits) {
    state_.reserve(backend_.shape, cache.shape(), batch, team.size());
    state_.place(batch, cache);
    for (const Run& run : batch.runs()) rope_.extend(run.position + run.rows);
    team.run([&](Lane& lane) {
      Pass pass{lane, state_, batch};
      embed(pass);
      for (std::uint32_t layer = 0; layer < backend_.shape.layers; ++layer) {
        attend(pass, layer, cache);
        feed_forward(pass, layer);
      }
      head(pass, logits);
    });
  }

  [[nodiscard]] Cost cost() const noexcept { return cost_of(weights_); }

 private:
  using Pass = LanePass<Backend>;

  /// residual = embedding of the tokens
  void embed(Pass& p) {
    for (std::size_t r = p.mine.begin; r < p.mine.end; ++r)
      weights_.embedding.row(static_cast<std::size_t>(p.batch.tokens()[r]), p.residual.row(r));  // [hidden]
  }

  /// residual += W_o attention(rope(W_q n), rope(W_k n), W_v n), n = norm(residual)
  void attend(Pass& p, std::uint32_t layer, const KvCache& cache) {
    const Shape& shape = backend_.shape;
    const LayerWeights<Backend>& w = weights_.layers[layer];
    normalize(p, w.input_norm, layer != 0);

    // A decoding lane owns whole KV heads where they divide evenly; then it alone reads the q, k, v it has computed.
    const bool own_heads = p.replicated && shape.kv_heads % p.lane.size() == 0 && shape.head_dim % quant::panel_rows == 0;
    const Slice heads = p.lane.slice(shape.kv_heads);
    const std::size_t head_panels = shape.head_dim / quant::panel_rows, group = shape.group();
    const auto panels = [&](const auto& linear, std::size_t per_head) {
      return own_heads ? Slice{heads.begin * per_head, heads.end * per_head} : p.lane.slice(linear.matrix.layout.panels());
    };
    multiply(p, w.query, state_.query, panels(w.query, head_panels * group));  // [rows, heads * head_dim]
    multiply(p, w.key, state_.key, panels(w.key, head_panels));                // [rows, kv_heads * head_dim]
    multiply(p, w.value, state_.value, panels(w.value, head_panels));          // [rows, kv_heads * head_dim]
    if (!own_heads) p.lane.barrier();

    if (p.replicated) {
      for (std::size_t r = 0; r < p.batch.rows(); ++r)
        for (std::size_t h = heads.begin; h < heads.end; ++h) rotate_and_append(w, layer, r, h, cache.shape());
      for (const AttentionBlock& block : state_.blocks)
        for (std::size_t h = heads.begin; h < heads.end; ++h) attend_block(p, block, layer, h, cache);
    } else {
      const Slice items = p.lane.slice(std::size_t{p.batch.rows()} * shape.kv_heads);
      for (std::size_t i = items.begin; i < items.end; ++i)
        rotate_and_append(w, layer, i / shape.kv_heads, i % shape.kv_heads, cache.shape());
      p.lane.barrier();
      const std::size_t tasks = state_.blocks.size() * shape.kv_heads;  // late blocks see more keys: taken as lanes get free
      for (std::size_t t; (t = state_.next_task[layer].fetch_add(1, std::memory_order_relaxed)) < tasks;)
        attend_block(p, state_.blocks[tasks / shape.kv_heads - 1 - t / shape.kv_heads], layer, t % shape.kv_heads, cache);
    }
    p.lane.barrier();
    p.feed(state_.context, shape.q_width());
    multiply(p, w.output, state_.delta, p.lane.slice(w.output.matrix.layout.panels()));
    p.lane.barrier();
  }

  /// residual += W_down (silu(W_gate n) * W_up n), n = norm(residual)
  void feed_forward(Pass& p, std::uint32_t layer) {
    const LayerWeights<Backend>& w = weights_.layers[layer];
    normalize(p, w.post_norm, true);
    const Slice panels = p.lane.slice(w.gate.matrix.layout.panels());
    multiply(p, w.gate, state_.gate, panels);  // [rows, intermediate]
    multiply(p, w.up, state_.up, panels);      // [rows, intermediate]
    const std::size_t begin = panels.begin * quant::panel_rows;
    const std::size_t end = std::min<std::size_t>(panels.end * quant::panel_rows, backend_.shape.intermediate);
    if (begin < end)
      for (std::size_t r = 0; r < p.batch.rows(); ++r)
        backend_.kernels.swiglu(state_.gate.row(r) + begin, state_.up.row(r) + begin, state_.gate.row(r) + begin, end - begin);
    p.lane.barrier();
    p.feed(state_.gate, backend_.shape.intermediate);
    multiply(p, w.down, state_.delta, p.lane.slice(w.down.matrix.layout.panels()));
    p.lane.barrier();
  }

  /// logits = W_head norm(residual), for the rows that ask for them
  void head(Pass& p, Rows<float> logits) {
    const std::span<const std::uint32_t> rows = p.batch.logit_rows();
    if (rows.empty()) return;
    const std::size_t hidden = backend_.shape.hidden;
    p.begin_rows(rows.size());
    for (std::size_t i = p.mine.begin; i < p.mine.end; ++i) {
      float* x = p.residual.row(rows[i]);
      backend_.kernels.add(x, state_.delta.row(rows[i]), hidden);
      backend_.kernels.rms_norm(x, weights_.final_norm, p.normed.row(i), hidden, eps_);
    }
    p.share();
    p.feed(p.normed, hidden);
    multiply(p, weights_.head, logits, p.lane.slice(weights_.head.matrix.layout.panels()));
  }

  /// Adds the last block's output to the residual stream of this lane's rows and makes their norm the next input.
  void normalize(Pass& p, const float* weight, bool add) {
    const std::size_t hidden = backend_.shape.hidden;
    for (std::size_t r = p.mine.begin; r < p.mine.end; ++r) {
      if (add) backend_.kernels.add(p.residual.row(r), state_.delta.row(r), hidden);
      backend_.kernels.rms_norm(p.residual.row(r), weight, p.normed.row(r), hidden, eps_);
    }
    p.share();
    p.feed(p.normed, hidden);
  }

  /// y[:, panels] = W x + b, x the input that was fed.
  template <class Matrix>
  void multiply(Pass& p, const Linear<Matrix>& linear, Rows<float> y, Slice panels) {
    const kernels::Input x = p.input(backend_.kernels, kernels::form_of(linear.matrix.layout));
    if (panels.empty()) return;
    linear.matrix.multiply(x, y.data(), y.layout().stride(), panels);
    if (linear.bias == nullptr) return;
    const std::size_t begin = panels.begin * quant::panel_rows;
    const std::size_t end = std::min<std::size_t>(panels.end * quant::panel_rows, linear.matrix.layout.rows);
    for (std::size_t r = 0; r < x.rows; ++r) backend_.kernels.add(y.row(r) + begin, linear.bias + begin, end - begin);
  }

  /// Norms (where the family does) and turns the key of one KV head and the queries that share it; stores key and value.
  void rotate_and_append(const LayerWeights<Backend>& w, std::uint32_t layer, std::size_t row, std::size_t kv_head, const KvShape& kv) {
    const Shape& shape = backend_.shape;
    const std::uint32_t position = state_.positions[row];
    const auto turn = [&](float* x, const float* norm) {
      if constexpr (F.qk_norm == QkNorm::before_rope) backend_.kernels.rms_norm(x, norm, x, shape.head_dim, eps_);
      backend_.kernels.rope_half(x, rope_.cosine(position), rope_.sine(position), rope_.rotary());
    };
    for (std::size_t g = 0; g < shape.group(); ++g)
      turn(state_.query.row(row) + (kv_head * shape.group() + g) * shape.head_dim, w.query_norm);
    float* key = state_.key.row(row) + kv_head * shape.head_dim;
    turn(key, w.key_norm);
    std::byte* page = state_.pages[row];
    const auto h = static_cast<std::uint32_t>(kv_head);
    backend_.kernels.template append<Kv>(key, state_.value.row(row) + kv_head * shape.head_dim, kv.head(), position % page_positions,
                                         page + kv.key_offset(layer, h), page + kv.value_offset(layer, h));
  }

  /// Attention of a few rows of one sequence over one KV head, for all query heads of its group.
  void attend_block(Pass& p, const AttentionBlock& block, std::uint32_t layer, std::size_t kv_head, const KvCache& cache) {
    const Shape& shape = backend_.shape;
    const std::size_t first = kv_head * shape.group() * shape.head_dim;
    const auto h = static_cast<std::uint32_t>(kv_head);
    backend_.kernels.template attention<Kv>(
        kernels::AttentionTask{
            .queries = state_.query.row(block.row) + first,
            .output = state_.context.row(block.row) + first,
            .query_stride = state_.query.layout().stride(),
            .output_stride = state_.context.layout().stride(),
            .rows = block.rows,
            .heads = shape.group(),
            .head = cache.shape().head(),
            .position = block.position,
            .window = window_[layer],
            .scale = 1 / std::sqrt(static_cast<float>(shape.head_dim)),
            .pages = cache.pages(block.sequence),
            .key_offset = cache.shape().key_offset(layer, h),
            .value_offset = cache.shape().value_offset(layer, h),
        },
        p.scratch);
  }

  Backend backend_;
  Weights<Backend> weights_;
  float eps_;
  std::vector<std::uint32_t> window_;
  RopeTable rope_;
  StepState state_;
};

}  // namespace ingot::model
