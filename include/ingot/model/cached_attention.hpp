// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/cached_attention.hpp: queries meet the keys and values of the cache: shared by many rows, or by spans in
              // decode.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <ingot/core/checked.hpp>
#include <ingot/kernels/attention_task.hpp>
#include <ingot/kernels/hadamard.hpp>
#include <ingot/model/cached_heads.hpp>
#include <ingot/model/lane_pass.hpp>

namespace ingot::model {

/// What one layer's attention over the cache is told. `Turn` makes the rows that the projections wrote ready to meet each other:
/// turn.query(row, query head, values) and turn.key(row, KV head, values), in place. Tasks are the parts of all KV heads.
template <class Turn>
struct CachedAttention {
  std::uint32_t layer = 0;
  CachedHeads heads;
  float scale = 1;               ///< on the products
  const float* sinks = nullptr;  ///< [query heads], or none
  Turn turn;
};

namespace detail {

/// Spreads outliers where int8 keys follow: of queries and keys alike, so their products stay but for a factor.
template <class Backend>
void spread(const LanePass<Backend>& p, float* head) {
  if (p.backend.kv.is_integer()) p.backend.kernels.hadamard(head, p.cache.shape().head.key);
}

/// Turns the key of one KV head and stores it with its value.
template <class Backend, class Turn>
void append(LanePass<Backend>& p, CachedAttention<Turn>& a, std::size_t row, std::uint32_t kv_head) {
  const kernels::HeadShape head = p.cache.shape().head;
  float* const key = p.state.key.row(row) + std::size_t{kv_head} * head.key;
  a.turn.key(row, kv_head, key);
  spread(p, key);
  const std::uint32_t position = p.state.positions[row];
  std::byte* const page = p.cache.pages(p.state.sequences[row], a.layer)[position / page_positions];
  p.backend.append(key, p.state.value.row(row) + std::size_t{kv_head} * head.value, head, position % page_positions,
                   page + p.cache.key_offset(a.layer, kv_head), page + p.cache.value_offset(a.layer, kv_head));
}

/// Makes the queries [group, key width] of a task ready.
template <class Backend, class Turn>
void turn_queries(LanePass<Backend>& p, CachedAttention<Turn>& a, std::size_t row, std::uint32_t task, float* queries) {
  for (std::uint32_t g = 0; g < a.heads.group; ++g) {
    float* const query = queries + std::size_t{g} * p.cache.shape().head.key;
    a.turn.query(row, task * a.heads.group + g, query);
    spread(p, query);
  }
}

/// Attention of a few rows of one sequence for the query heads of a task; queries and output are missing.
template <class Backend, class Turn>
[[nodiscard]] kernels::AttentionTask task_of(const LanePass<Backend>& p, const CachedAttention<Turn>& a, const AttentionBlock& block,
                                             std::uint32_t number) {
  const std::size_t first_head = std::size_t{number} * a.heads.group;
  const std::uint32_t kv_head = number / a.heads.parts;
  const Layer& layer = p.config.layers[a.layer];
  kernels::AttentionTask task;
  task.rows = block.rows, task.heads = a.heads.group;
  task.head = p.cache.shape().head;
  task.position = block.position, task.prefix = block.prefix;
  task.window = layer.window, task.chunk = layer.chunk;
  task.scale = a.scale / (p.backend.kv.is_integer() ? static_cast<float>(kernels::hadamard_block(task.head.key)) : 1.f);
  task.soft_cap = p.config.attention_cap;
  task.slopes = p.slopes.empty() ? nullptr : p.slopes.data() + first_head;
  task.sinks = a.sinks == nullptr ? nullptr : a.sinks + first_head;
  task.pages = p.cache.pages(block.sequence, a.layer);
  task.key_offset = p.cache.key_offset(a.layer, kv_head), task.value_offset = p.cache.value_offset(a.layer, kv_head);
  return task;
}

/// A step of many rows: lanes share the pages that are written, then the blocks of rows.
template <class Backend, class Turn>
void attend_rows(LanePass<Backend>& p, CachedAttention<Turn>& a) {
  StepState& state = p.state;
  const kernels::HeadShape head = p.cache.shape().head;
  const std::uint32_t parts = a.heads.tasks();
  const Slice items = p.lane.slice(state.segments.size() * parts);
  for (std::size_t i = items.begin; i < items.end; ++i) {
    const auto h = static_cast<std::uint32_t>(i % parts);
    const Slice segment = state.segments[i / parts];
    for (std::size_t s = segment.begin; s < segment.end; ++s) {
      const std::uint32_t row = state.by_page[s];
      turn_queries(p, a, row, h, state.query.row(row) + std::size_t{h} * a.heads.group * head.key);
      if (h % a.heads.parts == 0) append(p, a, row, h / a.heads.parts);
    }
  }
  p.lane.barrier();
  const std::size_t tasks = state.blocks.size() * parts;  // late blocks see more keys: taken as lanes get free
  for (std::size_t t; (t = state.next_task[a.layer].fetch_add(1, std::memory_order_relaxed)) < tasks;) {
    const auto h = static_cast<std::uint32_t>(t % parts);
    const AttentionBlock& block = state.blocks[tasks / parts - 1 - t / parts];
    kernels::AttentionTask task = task_of(p, a, block, h);
    task.queries = state.query.row(block.row) + std::size_t{h} * a.heads.group * head.key;
    task.query_stride = state.query.layout().stride();
    task.output = state.context.row(block.row) + std::size_t{h} * a.heads.group * head.value;
    task.output_stride = state.context.layout().stride();
    p.backend.attention(task, p.scratch);
  }
}

/// A replicated step: lanes share the spans of all tasks, or each takes those of its own heads, so that a long context keeps all of
/// them busy. Whoever has the span a row lies in appends its key and value; where several tasks read them, one lane does it before.
template <class Backend, class Turn>
void attend_spans(LanePass<Backend>& p, CachedAttention<Turn>& a, Slice own_heads) {
  StepState& state = p.state;
  const std::size_t spans = state.spans.size(), width = std::size_t{a.heads.group} * p.cache.shape().head.key;
  const bool alone = a.heads.parts == 1;
  if (!alone) {
    const Slice heads = p.lane.slice(a.heads.kv_heads);
    for (std::size_t h = heads.begin; h < heads.end; ++h)
      for (std::uint32_t r = 0; r < p.batch.rows(); ++r) append(p, a, r, static_cast<std::uint32_t>(h));
    p.lane.barrier();
  }
  const Slice items = own_heads.empty() ? p.lane.slice(spans * a.heads.tasks()) : Slice{own_heads.begin * spans, own_heads.end * spans};
  std::uint32_t turned = a.heads.tasks();  // the task whose queries p.query holds: none yet
  for (std::size_t i = items.begin; i < items.end; ++i) {
    const auto h = static_cast<std::uint32_t>(i / spans);
    const SpanItem& item = state.spans[i % spans];
    for (std::size_t r = 0; turned != h && r < p.batch.rows(); ++r) {
      std::copy_n(state.query.row(r) + h * width, width, p.query.row(r));
      turn_queries(p, a, r, h, p.query.row(r));
    }
    turned = h;
    for (std::uint32_t r = item.block.row; r < item.block.row + item.block.rows; ++r)
      if (alone && state.positions[r] / kernels::span_positions == item.span) append(p, a, r, h);
    kernels::AttentionTask task = task_of(p, a, item.block, h);
    task.queries = p.query.row(item.block.row), task.query_stride = p.query.layout().stride();
    p.backend.attend_span(task, item.span, p.scratch, state.partials(h, a.heads.group, item));
  }
}

/// Joins the sums of all spans into p.context.
template <class Backend, class Turn>
void join_spans(LanePass<Backend>& p, const CachedAttention<Turn>& a) {
  StepState& state = p.state;
  const kernels::HeadShape head = p.cache.shape().head;
  const std::size_t stride = kernels::PartialLayout{head}.stride(), group = a.heads.group;
  for (std::size_t first = 0, count; first < state.spans.size(); first += count) {
    const SpanItem& item = state.spans[first];
    const AttentionBlock& block = item.block;
    count = divide_up(block.position + block.rows, kernels::span_positions);
    for (std::size_t h = 0; h < a.heads.tasks(); ++h)
      for (std::size_t q = 0; q < block.rows * group; ++q) {
        const std::size_t query_head = h * group + q % group;
        p.backend.kernels.join_spans(state.partials(h, group, item) + q * stride, count, block.rows * group * stride, head,
                                     a.sinks == nullptr ? kernels::no_sink : a.sinks[query_head],
                                     p.context.row(block.row + q / group) + query_head * head.value);
      }
  }
}

}  // namespace detail

/// context = softmax(scale * queries keys^T + mask) values for all rows of the step, whose projections are in StepState. Returns the
/// rows, complete when it returns: a lane's own where the step is replicated (every lane joins all spans: less work than a barrier).
template <class Backend, class Turn>
Rows<float> attend_cached(LanePass<Backend>& p, CachedAttention<Turn> a, Slice own_heads) {
  if (!p.replicated) {
    detail::attend_rows(p, a);
    p.lane.barrier();
    return p.state.context;
  }
  detail::attend_spans(p, a, own_heads);
  p.lane.barrier();
  detail::join_spans(p, a);
  return p.context;
}

}  // namespace ingot::model
