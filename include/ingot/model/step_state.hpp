// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/step_state.hpp: everything a step writes, and how its rows are cut for attention.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/attention_task.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/best_tokens.hpp>
#include <ingot/model/cached_heads.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/layer_state.hpp>
#include <ingot/model/mixture_state.hpp>
#include <ingot/model/prompt_context.hpp>
#include <ingot/model/row_buffers.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot::model {

/// Steps of up to this many rows are replicated: quantizing a row takes well under a microsecond, about what a barrier costs.
inline constexpr std::uint32_t replicated_rows = 4;
/// Rows of one sequence that attention takes at a time in prefill: with 3 to 8 query heads each, a tile of 48 to 128 rows.
inline constexpr std::uint32_t attention_rows = 16;

/// Consecutive rows of one sequence for attention.
struct AttentionBlock {
  SequenceId sequence{};
  std::uint32_t row = 0, rows = 0, position = 0;
  std::uint32_t prefix = 0;  ///< positions below it are seen by every row
};

/// One span of keys for a block of a replicated step. Its sums start at row `partial` among those of a task.
struct SpanItem {
  AttentionBlock block;
  std::uint32_t span = 0;
  std::size_t partial = 0;
};

/// The widest of each kind of row in any layer of a model.
struct StepWidths {
  std::size_t layers = 0, hidden = 0, intermediate = 0;
  std::size_t query = 0, key = 0, value = 0, context = 0;  // as they meet the cache
  std::size_t mixed = 0;                                   // what a mixer needs besides: inputs of a convolution, compressed rows
  std::size_t group_query = 0, tasks = 0, group = 0;
  kernels::HeadShape head;
  MixtureWidths mixture;

  explicit StepWidths(const Config& config) : layers{config.shape.layers}, hidden{config.shape.hidden}, head{cached_head(config)} {
    for (std::uint32_t i = 0; i < config.shape.layers; ++i) {
      const Shape& s = config.extents_of(i);
      const CachedHeads heads = cached_heads(config, i);
      const auto widest = [](std::size_t& width, std::size_t candidate) { width = std::max(width, candidate); };
      widest(intermediate, std::max(s.intermediate, s.shared_width));
      widest(intermediate, s.context_width());  // the gate of an attention's context
      widest(query, std::size_t{heads.tasks()} * heads.group * head.key);
      widest(context, std::max<std::size_t>(std::size_t{heads.tasks()} * heads.group * head.value, s.query_rank));
      widest(key, std::size_t{heads.kv_heads} * head.key);
      widest(value, std::size_t{heads.kv_heads} * head.value);
      widest(mixed, s.kv_rank != 0 ? std::max(s.q_width(), s.context_width()) : 0);
      if (config.layers[i].mixer == Mixer::convolution) widest(mixed, 3 * std::size_t{s.hidden}), widest(context, s.hidden);
      if (config.layers[i].mixer == Mixer::delta) {
        widest(mixed, DeltaColumns{s}.width);
        widest(context, std::size_t{s.delta_heads} * s.delta_value);
      }
      widest(group_query, std::size_t{heads.group} * head.key);
      widest(tasks, heads.tasks());
      widest(group, heads.group);
      if (config.layers[i].sparse) mixture.widen(s);
    }
  }
};

/// Everything a step writes, shared by the lanes; grows to the largest batch seen.
class StepState {
 public:
  Rows<float> query, key, value, context, gate, up, mixed, delta;  // [rows, width of the projection]
  CodeBuffer wide;                                                 // the input of W_down where lanes quantize it block by block
  std::vector<AttentionBlock> blocks;
  std::vector<std::uint32_t> by_page;    // [rows] the rows, those of a page together and in order
  std::vector<Slice> segments;           // of by_page: one page's rows, which one lane appends
  std::vector<SpanItem> spans;           // of one task of attention, in a replicated step
  std::vector<std::uint32_t> positions;  // [rows]
  std::vector<SequenceId> sequences;     // [rows]
  PromptPositions turns;                 // [rows] what rope turns by
  MixtureState mixture;
  std::unique_ptr<std::atomic<std::size_t>[]> next_task;  // [layers]
  bool replicated = false;

  /// `replicate`: whether few rows may be replicated; not where rows see later ones.
  void reserve(const StepWidths& widths, const Batch& batch, std::uint32_t lanes, bool replicate) {
    const std::size_t rows = batch.rows();
    query = query_.reserve(rows, widths.query);
    key = key_.reserve(rows, widths.key);
    value = value_.reserve(rows, widths.value);
    context = context_.reserve(rows, widths.context);
    gate = gate_.reserve(rows, widths.intermediate);
    up = up_.reserve(rows, widths.intermediate);
    mixed = mixed_.reserve(rows, widths.mixed);
    delta = delta_.reserve(rows, widths.hidden);
    if (!next_task) next_task = std::make_unique<std::atomic<std::size_t>[]>(widths.layers);
    for (std::size_t layer = 0; layer < widths.layers; ++layer) next_task[layer].store(0, std::memory_order_relaxed);
    replicated = replicate && rows <= replicated_rows && !batch.continues_itself();
    if (!replicated) wide.reserve(rows, widths.intermediate);
    mixture.reserve(widths.mixture, rows, lanes, replicated);
    while (lanes_.size() < lanes) lanes_.emplace_back();
    const std::size_t widest = std::max({widths.hidden, widths.context, widths.intermediate, widths.mixed});
    for (LaneState& lane : lanes_) {
      if (replicated || &lane == &lanes_.front()) {  // lane 0's are the shared ones
        lane.residual = lane.residual_.reserve(rows, widths.hidden);
        lane.normed = lane.normed_.reserve(rows, widths.hidden);
        lane.codes.reserve(rows, widest);
      }
      if (replicated) {
        lane.context = lane.context_.reserve(rows, widths.context);
        lane.query = lane.query_.reserve(rows, widths.group_query);
      }
      lane.scratch.reserve_discarding(kernels::attention_scratch(widths.head));
    }
  }

  /// Cuts the batch into attention blocks; `prefix_of(run)` is what all rows of a run see.
  template <class PrefixOf>
  void place(const StepWidths& widths, const Batch& batch, PrefixOf&& prefix_of) {
    blocks.clear();
    positions.assign(batch.positions().begin(), batch.positions().end());
    sequences.clear();
    for (const Run& run : batch.runs()) {
      sequences.insert(sequences.end(), run.rows, run.sequence);
      for (std::uint32_t i = 0; i < run.rows; i += attention_rows)
        blocks.push_back({run.sequence, run.row + i, std::min(attention_rows, run.rows - i), run.position + i, prefix_of(run)});
    }
    if (replicated)
      place_spans(widths);
    else
      place_segments();
  }

  /// Where the sums of a span of one task of attention stand. [block.rows * group, PartialLayout::stride()]
  [[nodiscard]] float* partials(std::size_t task, std::size_t group, const SpanItem& item) noexcept {
    return partials_.data() + (task * partial_rows_ + item.partial) * group * partial_stride_;
  }

  /// Empties the lanes' lists of the `count` best tokens of each of `rows` rows.
  void begin_best(std::size_t rows, std::size_t count) {
    for (LaneState& lane : lanes_) {
      lane.best.resize(std::max(lane.best.size(), rows));
      for (std::size_t r = 0; r < rows; ++r) lane.best[r].begin(count);
    }
  }
  /// The best of row r over all lanes. best: as many as were asked for; what the vocabulary cannot fill is token 0 at -inf.
  void merge_best(std::size_t r, std::span<Candidate> best) {
    merged_.clear();
    for (const LaneState& lane : lanes_) merged_.insert(merged_.end(), lane.best[r].list().begin(), lane.best[r].list().end());
    std::sort(merged_.begin(), merged_.end(), likelier);
    merged_.resize(best.size(), {-std::numeric_limits<float>::infinity(), 0});
    std::copy(merged_.begin(), merged_.end(), best.begin());
  }
  [[nodiscard]] std::vector<BestTokens>& best(std::uint32_t rank) noexcept { return lanes_[rank].best; }

  /// What one lane needs for itself.
  struct LaneState {
    Rows<float> residual, normed;  // [rows, hidden]
    Rows<float> context;           // [rows, heads * value width], replicated
    Rows<float> query;             // [rows, group * key width] of one task, rotated, replicated
    CodeBuffer codes, part_codes;
    Buffer<float> scratch;
    std::vector<BestTokens> best;  // [rows that ask for logits]
    RowBuffer residual_, normed_, context_, query_, part_rows;
  };
  [[nodiscard]] LaneState& lane(std::uint32_t rank) noexcept { return lanes_[replicated ? rank : 0]; }
  [[nodiscard]] RowBuffer& part_rows(std::uint32_t rank) noexcept { return lanes_[rank].part_rows; }
  [[nodiscard]] CodeBuffer& part_codes(std::uint32_t rank) noexcept { return lanes_[rank].part_codes; }
  [[nodiscard]] float* scratch(std::uint32_t rank) noexcept { return lanes_[rank].scratch.data(); }

 private:
  void place_spans(const StepWidths& widths) {
    spans.clear();
    partial_rows_ = 0;
    for (const AttentionBlock& block : blocks)
      for (std::uint32_t span = 0; span * kernels::span_positions < block.position + block.rows; ++span, partial_rows_ += block.rows)
        spans.push_back({block, span, partial_rows_});
    partial_stride_ = kernels::PartialLayout{widths.head}.stride();
    partials_.reserve_discarding(partial_rows_ * partial_stride_ * widths.tasks * widths.group);
  }
  void place_segments() {
    by_page.resize(positions.size());
    std::iota(by_page.begin(), by_page.end(), 0u);
    const auto page = [&](std::uint32_t row) { return std::pair{sequences[row], positions[row] / page_positions}; };
    std::stable_sort(by_page.begin(), by_page.end(), [&](std::uint32_t a, std::uint32_t b) { return page(a) < page(b); });
    segments.clear();
    for (std::size_t i = 0; i < by_page.size(); ++i) {
      if (i == 0 || page(by_page[i]) != page(by_page[i - 1])) segments.push_back({i, i});
      ++segments.back().end;
    }
  }

  RowBuffer query_, key_, value_, context_, gate_, up_, mixed_, delta_;
  Buffer<float> partials_;  // [tasks, partial_rows_, group, partial_stride_]
  std::size_t partial_rows_ = 0, partial_stride_ = 0;
  std::deque<LaneState> lanes_;
  std::vector<Candidate> merged_;
};

}  // namespace ingot::model
