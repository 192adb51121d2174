// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/latent_attention.hpp: attention whose cache holds one compressed row a position (DeepSeek, MiniCPM3).

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <ingot/core/checked.hpp>
#include <ingot/model/attention.hpp>
#include <ingot/model/cached_attention.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/residual.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// Makes latent rows ready for attend_cached(): a query is [kv_rank] that meets compressed keys, then [rope_dim] that turns; a key is
/// the compressed row and its turned part, and its value the compressed row.
template <Family F, class Backend>
struct LatentTurn {
  const LanePass<Backend>& p;
  const LatentWeights<Backend>& w;
  const RopeTable& rope;
  std::size_t rank;

  void query(std::size_t row, std::uint32_t, float* head) const { rotate<F>(p, rope, row, head + rank); }
  void key(std::size_t row, std::uint32_t, float* head) const {
    p.backend.kernels.rms_norm(head, w.kv_norm, head, rank, p.config.latent_eps);
    rotate<F>(p, rope, row, head + rank);
    std::copy_n(head, rank, p.state.value.row(row));
  }
};

/// y[:, h * pitch ..] = W_h x[:, h * stride ..] for the heads [begin, end): of a matrix of `out` rows a head, each head's rows meet `in`
/// values of their own. A lane does it for itself. Heads that share a panel with the next are computed apart and copied.
template <class Backend, Role R>
void multiply_by_head(LanePass<Backend>& p, const Linear<Backend, R>& linear, Slice heads, Rows<float> x, std::size_t in,
                      std::size_t stride, Rows<float> y, std::size_t out, std::size_t pitch) {
  for (std::size_t h = heads.begin; h < heads.end; ++h) {
    const kernels::Input input = p.part_input(linear.matrix.form(), x, h * stride, in);
    const Slice panels{h * out / quant::panel_rows, divide_up((h + 1) * out, quant::panel_rows)};
    if (out % quant::panel_rows == 0) {
      float* const first = y.data() + h * (pitch - out);  // the matrix itself adds h * out
      linear.matrix.multiply(input, first, y.layout().stride(), panels);
    } else {
      const Rows<float> apart = p.part_rows(panels.size() * quant::panel_rows);
      linear.matrix.part(panels).multiply(input, apart.data(), apart.layout().stride(), {0, panels.size()});
      for (std::size_t r = 0; r < p.batch.rows(); ++r) std::copy_n(apart.row(r) + h * out % quant::panel_rows, out, y.row(r) + h * pitch);
    }
  }
}

/// residual += W_o values, n the fed rows. Queries meet compressed keys, q^T (W_UK c) = (W_UK^T q)^T c, and what they get is expanded
/// by W_UV: keys and values of the cache never are (arXiv 2405.04434, section 2.1.2).
template <Family F, class Backend>
void attend_latent(LanePass<Backend>& p, std::uint32_t layer) {
  const Shape& shape = p.backend.extents_of(layer);
  const LatentWeights<Backend>& w = p.weights.layers[layer].latent;
  StepState& state = p.state;
  const std::size_t rank = shape.kv_rank, cached = rank + shape.rope_dim, unturned = shape.head_dim - shape.rope_dim;
  const Slice heads = p.lane.slice(shape.heads);
  const std::size_t head_panels = shape.head_dim / quant::panel_rows;
  const bool own_heads = shape.head_dim % quant::panel_rows == 0;  // then a lane goes on with the queries it has computed
  const auto queries = [&](const auto& linear) {
    p.multiply(linear, state.mixed, own_heads ? Slice{heads.begin * head_panels, heads.end * head_panels} : p.panels_of(linear));
  };

  p.multiply(w.kv_down, state.key);  // [rows, kv_rank + rope_dim]
  if (shape.query_rank == 0) {
    queries(w.query);  // [rows, heads * head_dim]
  } else {
    p.multiply(w.query_down, state.context);  // [rows, query_rank]
    p.lane.barrier();
    const Rows<float> compressed = p.replicated ? p.context : state.context;
    for (std::size_t r = p.mine.begin; r < p.mine.end; ++r)
      p.backend.kernels.rms_norm(state.context.row(r), w.query_norm, compressed.row(r), shape.query_rank, p.config.latent_eps);
    p.share();
    p.feed(compressed, shape.query_rank);
    queries(w.query_up);  // [rows, heads * head_dim]
  }
  if (!own_heads) p.lane.barrier();

  multiply_by_head(p, w.key_up, heads, state.mixed, unturned, shape.head_dim, state.query, rank, cached);
  for (std::size_t r = 0; r < p.batch.rows(); ++r)
    for (std::size_t h = heads.begin; h < heads.end; ++h)
      std::copy_n(state.mixed.row(r) + h * shape.head_dim + unturned, shape.rope_dim, state.query.row(r) + h * cached + rank);
  p.lane.barrier();

  const RopeTable& rope = p.ropes[static_cast<std::size_t>(p.config.layers[layer].rope)];
  using Turn = LatentTurn<F, Backend>;
  const Rows<float> context = attend_cached(p,
                                            CachedAttention<Turn>{.layer = layer,
                                                                  .heads = cached_heads(p.config, layer),
                                                                  .scale = attention_scale(p.config, shape),
                                                                  .sinks = nullptr,
                                                                  .turn = Turn{p, w, rope, rank}},
                                            {});
  multiply_by_head(p, w.value_up, heads, context, rank, rank, state.mixed, shape.value_width(), shape.value_width());
  p.lane.barrier();
  p.feed(state.mixed, shape.context_width());
  add_to_residual<F>(p, p.weights.layers[layer].output);
  p.lane.barrier();
}

}  // namespace ingot::model
