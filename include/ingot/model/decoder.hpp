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
#include <ingot/kernels/hadamard.hpp>
#include <ingot/kernels/matrix.hpp>
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
  /// [batch.logit_rows().size(), vocabulary], and `best`, as many of the likeliest tokens for each of these rows as it has room for,
  /// maybe none. The results do not depend on the number of lanes.
  void step(Team& team, const Batch& batch, const KvCache& cache, Rows<float> logits, std::span<Candidate> best) {
    state_.reserve(backend_.shape, cache.shape(), batch, team.size());
    state_.place(batch, cache);
    const std::size_t rows = batch.logit_rows().size(), count = rows == 0 ? 0 : best.size() / rows;
    if (count != 0) state_.begin_best(rows, count);
    for (const Run& run : batch.runs()) rope_.extend(run.position + run.rows);
    const auto program = [&](Lane& lane) {
      Pass pass{lane, state_, batch};
      embed(pass);
      for (std::uint32_t layer = 0; layer < backend_.shape.layers; ++layer) {
        attend(pass, layer, cache);
        feed_forward(pass, layer);
      }
      head(pass, logits, count != 0);
    };
    if (state_.replicated)
      team.run_beside_others(program);
    else
      team.run(program);
    for (std::size_t r = 0; count != 0 && r < rows; ++r) state_.merge_best(r, best.subspan(r * count, count));
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
      attend_spans(p, w, layer, own_heads ? heads : Slice{}, cache);
      p.lane.barrier();
      join_spans(p, cache.shape().head());
      p.feed(p.context, shape.q_width());
    } else {
      attend_rows(p, w, layer, cache);
      p.lane.barrier();
      p.feed(state_.context, shape.q_width());
    }
    add_to_residual(p, w.output);
    p.lane.barrier();
  }

  /// residual += W_down (silu(W_gate n) * W_up n), n = norm(residual)
  void feed_forward(Pass& p, std::uint32_t layer) {
    const LayerWeights<Backend>& w = weights_.layers[layer];
    normalize(p, w.post_norm, true);
    const Slice panels = p.lane.slice(w.gate.matrix.layout.panels());
    // Of many rows a few panels at a time, so that both factors are still in the L2 cache when they are multiplied; of few rows all
    // at once, so that the weights are read in one stretch.
    const bool one_form = kernels::form_of(w.gate.matrix.layout) == kernels::form_of(w.up.matrix.layout);
    each_part(panels, one_form && !p.replicated ? 8 : panels.size(), [&](Slice part) {
      multiply(p, w.gate, state_.gate, part);  // [rows, intermediate]
      multiply(p, w.up, state_.up, part);      // [rows, intermediate]
      const Slice columns{part.begin * quant::panel_rows, std::min<std::size_t>(part.end * quant::panel_rows, backend_.shape.intermediate)};
      for (std::size_t r = 0; columns.begin < columns.end && r < p.batch.rows(); ++r)
        backend_.kernels.gate(kernels::Activation::silu, state_.gate.row(r) + columns.begin, state_.up.row(r) + columns.begin,
                              state_.gate.row(r) + columns.begin, columns.size());
    });
    p.lane.barrier();
    p.feed(state_.gate, backend_.shape.intermediate);
    add_to_residual(p, w.down);
    p.lane.barrier();
  }

  /// logits = W_head norm(residual), for the rows that ask for them. Where the best are wanted, each lane looks for them among its
  /// logits while they are in its cache: a pass over 151 936 logits afterwards took 0.07 to 0.1 ms.
  void head(Pass& p, Rows<float> logits, bool best) {
    const std::span<const std::uint32_t> rows = p.batch.logit_rows();
    if (rows.empty()) return;
    const std::size_t hidden = backend_.shape.hidden;
    p.begin_rows(rows.size());
    for (std::size_t i = p.mine.begin; i < p.mine.end; ++i) {
      float* x = p.residual.row(rows[i]);
      if (p.replicated) backend_.kernels.add(x, state_.delta.row(rows[i]), hidden);
      backend_.kernels.rms_norm(x, weights_.final_norm, p.normed.row(i), hidden, eps_);
    }
    p.share();
    p.feed(p.normed, hidden);
    const Slice panels = p.lane.slice(weights_.head.matrix.layout.panels());
    each_part(panels, best ? 256 : panels.size(), [&](Slice part) {  // 16 KiB of logits a row
      multiply(p, weights_.head, logits, part);
      if (best) p.offer(backend_.kernels, logits, part.begin * quant::panel_rows, part.end * quant::panel_rows);
    });
  }

  /// Calls use(part) for `panels`, up to `some` at a time; once for none, as every lane has to ask for the input.
  template <class Use>
  static void each_part(Slice panels, std::size_t some, Use&& use) {
    do {
      const std::size_t end = std::min(panels.begin + std::max<std::size_t>(some, 1), panels.end);
      use(Slice{std::exchange(panels.begin, end), end});
    } while (!panels.empty());
  }

  /// Adds the last block's output to the residual stream, where that is still to be done, and makes the norm the next input.
  void normalize(Pass& p, const float* weight, bool add) {
    const std::size_t hidden = backend_.shape.hidden;
    for (std::size_t r = p.mine.begin; r < p.mine.end; ++r) {
      if (add && p.replicated) backend_.kernels.add(p.residual.row(r), state_.delta.row(r), hidden);
      backend_.kernels.rms_norm(p.residual.row(r), weight, p.normed.row(r), hidden, eps_);
    }
    p.share();
    p.feed(p.normed, hidden);
  }

  /// residual += W x + b. Lanes that keep the residual stream for themselves each add what all have computed, in normalize().
  template <class Matrix>
  void add_to_residual(Pass& p, const Linear<Matrix>& linear) {
    const Slice panels = p.lane.slice(linear.matrix.layout.panels());
    if (p.replicated)
      multiply(p, linear, state_.delta, panels);
    else
      multiply(p, linear, p.residual, panels, kernels::Update::add);
  }

  /// y[:, panels] = W x + b (or += ...), x the input that was fed.
  template <class Matrix>
  void multiply(Pass& p, const Linear<Matrix>& linear, Rows<float> y, Slice panels, kernels::Update update = kernels::Update::store) {
    const kernels::Input x = p.input(backend_.kernels, kernels::form_of(linear.matrix.layout));
    if (!panels.empty()) linear.matrix.multiply(x, y.data(), y.layout().stride(), panels, {update, linear.bias});
  }

  /// Attention of a step of many rows: lanes share the pages that are written, then the blocks of rows.
  void attend_rows(Pass& p, const LayerWeights<Backend>& w, std::uint32_t layer, const KvCache& cache) {
    const Shape& shape = backend_.shape;
    const std::size_t group_width = shape.group() * shape.head_dim;
    const Slice items = p.lane.slice(state_.segments.size() * shape.kv_heads);
    for (std::size_t i = items.begin; i < items.end; ++i) {
      const std::size_t h = i % shape.kv_heads;
      const Slice segment = state_.segments[i / shape.kv_heads];
      for (std::size_t s = segment.begin; s < segment.end; ++s) {
        const std::uint32_t row = state_.by_page[s];
        rotate_queries(w, row, state_.query.row(row) + h * group_width);
        append(w, layer, row, h, cache.shape());
      }
    }
    p.lane.barrier();
    const std::size_t tasks = state_.blocks.size() * shape.kv_heads;  // late blocks see more keys: taken as lanes get free
    for (std::size_t t; (t = state_.next_task[layer].fetch_add(1, std::memory_order_relaxed)) < tasks;) {
      const std::size_t h = t % shape.kv_heads;
      const AttentionBlock& block = state_.blocks[tasks / shape.kv_heads - 1 - t / shape.kv_heads];
      kernels::AttentionTask task = task_of(block, layer, h, cache);
      task.queries = state_.query.row(block.row) + h * group_width, task.query_stride = state_.query.layout().stride();
      task.output = state_.context.row(block.row) + h * group_width, task.output_stride = state_.context.layout().stride();
      backend_.kernels.template attention<Kv>(task, p.scratch);
    }
  }

  /// Attention of a replicated step: lanes share the spans of all KV heads, or each takes those of its own heads, so that a long
  /// context keeps all of them busy. Whoever has the span a row lies in appends its key and value.
  void attend_spans(Pass& p, const LayerWeights<Backend>& w, std::uint32_t layer, Slice own_heads, const KvCache& cache) {
    const Shape& shape = backend_.shape;
    const std::size_t spans = state_.spans.size();
    const Slice items = own_heads.empty() ? p.lane.slice(spans * shape.kv_heads) : Slice{own_heads.begin * spans, own_heads.end * spans};
    std::size_t turned = shape.kv_heads;  // the head whose queries p.query holds: none yet
    for (std::size_t i = items.begin; i < items.end; ++i) {
      const std::size_t h = i / spans;
      const SpanItem& item = state_.spans[i % spans];
      for (std::size_t r = 0; turned != h && r < p.batch.rows(); ++r) {
        std::copy_n(state_.query.row(r) + h * shape.group() * shape.head_dim, shape.group() * shape.head_dim, p.query.row(r));
        rotate_queries(w, r, p.query.row(r));
      }
      turned = h;
      for (std::uint32_t r = item.block.row; r < item.block.row + item.block.rows; ++r)
        if (state_.positions[r] / kernels::span_positions == item.span) append(w, layer, r, h, cache.shape());
      kernels::AttentionTask task = task_of(item.block, layer, h, cache);
      task.queries = p.query.row(item.block.row), task.query_stride = p.query.layout().stride();
      backend_.kernels.template attend_span<Kv>(task, item.span, p.scratch, state_.partials(h, item));
    }
  }

  /// Every lane joins the sums of all spans for itself: less work than a barrier.
  void join_spans(Pass& p, kernels::HeadShape head) {
    const Shape& shape = backend_.shape;
    const std::size_t stride = kernels::PartialLayout{head}.stride();
    for (std::size_t first = 0, count; first < state_.spans.size(); first += count) {
      const SpanItem& item = state_.spans[first];
      const AttentionBlock& block = item.block;
      count = divide_up(block.position + block.rows, kernels::span_positions);
      for (std::size_t h = 0; h < shape.kv_heads; ++h)
        for (std::size_t q = 0; q < std::size_t{block.rows} * shape.group(); ++q)
          backend_.kernels.join_spans(
              state_.partials(h, item) + q * stride, count, block.rows * shape.group() * stride, head, kernels::no_sink,
              p.context.row(block.row + q / shape.group()) + (h * shape.group() + q % shape.group()) * shape.head_dim);
    }
  }

  /// Norms (where the family does) and turns a head at the position of `row`; spreads its outliers where int8 keys follow.
  void rotate(float* head, const float* norm, std::size_t row) {
    const std::uint32_t position = state_.positions[row];
    if constexpr (F.qk_norm == QkNorm::before_rope) backend_.kernels.rms_norm(head, norm, head, backend_.shape.head_dim, eps_);
    backend_.kernels.rope_half(head, rope_.cosine(position), rope_.sine(position), rope_.rotary());
    if constexpr (Kv.is_integer()) backend_.kernels.hadamard(head, backend_.shape.head_dim);  // queries and keys: products stay
  }
  /// What the products of queries and keys are multiplied by.
  [[nodiscard]] float attention_scale() const noexcept {
    const auto width = static_cast<float>(backend_.shape.head_dim);
    return 1 / std::sqrt(width) / (Kv.is_integer() ? static_cast<float>(kernels::hadamard_block(backend_.shape.head_dim)) : 1.f);
  }
  /// The queries [group, head_dim] that share a KV head.
  void rotate_queries(const LayerWeights<Backend>& w, std::size_t row, float* queries) {
    for (std::size_t g = 0; g < backend_.shape.group(); ++g) rotate(queries + g * backend_.shape.head_dim, w.query_norm, row);
  }
  /// Turns the key of one KV head and stores it with its value.
  void append(const LayerWeights<Backend>& w, std::uint32_t layer, std::size_t row, std::size_t kv_head, const KvShape& kv) {
    const std::size_t first = kv_head * backend_.shape.head_dim;
    const auto h = static_cast<std::uint32_t>(kv_head);
    rotate(state_.key.row(row) + first, w.key_norm, row);
    std::byte* page = state_.pages[row];
    backend_.kernels.template append<Kv>(state_.key.row(row) + first, state_.value.row(row) + first, kv.head(),
                                         state_.positions[row] % page_positions, page + kv.key_offset(layer, h),
                                         page + kv.value_offset(layer, h));
  }

  /// Attention of a few rows of one sequence over one KV head, for all query heads of its group; queries and output are missing.
  [[nodiscard]] kernels::AttentionTask task_of(const AttentionBlock& block, std::uint32_t layer, std::size_t kv_head,
                                               const KvCache& cache) const {
    const auto h = static_cast<std::uint32_t>(kv_head);
    return {.rows = block.rows,
            .heads = backend_.shape.group(),
            .head = cache.shape().head(),
            .position = block.position,
            .window = window_[layer],
            .scale = attention_scale(),
            .pages = cache.pages(block.sequence),
            .key_offset = cache.shape().key_offset(layer, h),
            .value_offset = cache.shape().value_offset(layer, h)};
  }

  Backend backend_;
  Weights<Backend> weights_;
  float eps_;
  std::vector<std::uint32_t> window_;
  RopeTable rope_;
  StepState state_;
};

}  // namespace ingot::model
