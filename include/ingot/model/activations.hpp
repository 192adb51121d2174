// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/activations.hpp: the buffers of one step, and what each lane sees of them.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/attention_task.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/best_tokens.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot::model {

/// Steps of up to this many rows are replicated: quantizing a row takes well under a microsecond, about what a barrier costs.
inline constexpr std::uint32_t replicated_rows = 4;
/// Rows of one sequence that attention takes at a time in prefill: with 3 to 8 query heads each, a tile of 48 to 128 rows.
inline constexpr std::uint32_t attention_rows = 16;

/// Rows of floats that grow on demand. Strides are whole cache lines; the padding stays zero.
class RowBuffer {
 public:
  Rows<float> reserve(std::size_t rows, std::size_t columns) {
    const std::size_t stride = round_up(columns, 16);
    storage_.reserve_discarding(rows * stride);
    return {{storage_.data(), storage_.size()}, {rows, columns, stride}};
  }

 private:
  Buffer<float> storage_;
};

/// Rows as integer matrices take them: int8 codes, a scale a row, a correction a group.
class CodeBuffer {
 public:
  void reserve(std::size_t rows, std::size_t columns) {
    codes_.reserve_discarding(rows * (columns + 256));  // padding: at most one group
    scales_.reserve_discarding(rows);
    corrections_.reserve_discarding(rows * divide_up(columns + 256, 16));  // the smallest group
  }
  template <class Kernels>
  void quantize(const Kernels& k, Rows<float> x, Slice rows, std::size_t columns, const kernels::InputForm& form) {
    for (std::size_t r = rows.begin; r < rows.end; ++r)
      k.quantize_row(x.row(r), columns, form, codes_.data() + r * form.columns, &scales_[r],
                     corrections_.data() + r * (form.columns / form.group));
  }
  [[nodiscard]] kernels::Input view(const kernels::InputForm& form, std::size_t rows) const noexcept {
    kernels::Input input{};
    input.codes = codes_.data();
    input.stride = form.columns;
    input.scales = scales_.data();
    input.corrections = corrections_.data();
    input.correction_stride = form.columns / form.group;
    input.rows = rows;
    return input;
  }

 private:
  Buffer<std::int8_t> codes_;
  Buffer<float> scales_;
  Buffer<std::int32_t> corrections_;
};

/// Consecutive rows of one sequence for attention.
struct AttentionBlock {
  SequenceId sequence{};
  std::uint32_t row = 0, rows = 0, position = 0;
};

/// One span of keys for a block of a replicated step. Its sums stand at `partial` among those of a KV head.
struct SpanItem {
  AttentionBlock block;
  std::uint32_t span = 0;
  std::size_t partial = 0;  // in query rows
};

/// Everything a step writes, shared by the lanes; grows to the largest batch seen.
class StepState {
 public:
  Rows<float> query, key, value, context, gate, up, delta;  // [rows, width of the projection]
  std::vector<AttentionBlock> blocks;
  std::vector<std::uint32_t> by_page;                     // [rows] the rows, those of a page together and in order
  std::vector<Slice> segments;                            // of by_page: one page's rows, which one lane appends
  std::vector<SpanItem> spans;                            // of one KV head, in a replicated step
  std::vector<std::uint32_t> positions;                   // [rows]
  std::vector<std::byte*> pages;                          // [rows] where the row's key and value go
  std::unique_ptr<std::atomic<std::size_t>[]> next_task;  // [layers]

  void reserve(const Shape& shape, const KvShape& kv, const Batch& batch, std::uint32_t lanes) {
    const std::size_t rows = batch.rows();
    query = query_.reserve(rows, shape.q_width());
    key = key_.reserve(rows, shape.kv_width());
    value = value_.reserve(rows, shape.kv_width());
    context = context_.reserve(rows, shape.q_width());
    gate = gate_.reserve(rows, shape.intermediate);
    up = up_.reserve(rows, shape.intermediate);
    delta = delta_.reserve(rows, shape.hidden);
    if (!next_task) next_task = std::make_unique<std::atomic<std::size_t>[]>(shape.layers);
    for (std::uint32_t layer = 0; layer < shape.layers; ++layer) next_task[layer].store(0, std::memory_order_relaxed);
    replicated = rows <= replicated_rows && !batch.continues_itself();
    group_ = shape.group();
    while (lanes_.size() < lanes) lanes_.emplace_back();
    const std::size_t widest = std::max({shape.hidden, shape.q_width(), shape.intermediate});
    for (LaneState& lane : lanes_) {
      if (replicated || &lane == &lanes_.front()) {  // lane 0's are the shared ones
        lane.residual = lane.residual_.reserve(rows, shape.hidden);
        lane.normed = lane.normed_.reserve(rows, shape.hidden);
        lane.codes.reserve(rows, widest);
      }
      if (replicated) {
        lane.context = lane.context_.reserve(rows, shape.q_width());
        lane.query = lane.query_.reserve(rows, shape.group() * shape.head_dim);
      }
      lane.scratch.reserve_discarding(kernels::attention_scratch(kv.head()));
    }
  }

  /// Cuts the batch into attention blocks and finds the page of every row.
  void place(const Batch& batch, const KvCache& cache) {
    blocks.clear();
    positions.assign(batch.positions().begin(), batch.positions().end());
    pages.clear();
    for (const Run& run : batch.runs()) {
      for (std::uint32_t i = 0; i < run.rows; ++i) pages.push_back(cache.pages(run.sequence)[(run.position + i) / page_positions]);
      for (std::uint32_t i = 0; i < run.rows; i += attention_rows)
        blocks.push_back({run.sequence, run.row + i, std::min(attention_rows, run.rows - i), run.position + i});
    }
    if (replicated)
      place_spans(cache);
    else
      place_segments();
  }

  /// Where the sums of a span of one KV head stand. [block.rows * group, PartialLayout::stride()]
  [[nodiscard]] float* partials(std::size_t kv_head, const SpanItem& item) noexcept {
    return partials_.data() + (kv_head * partial_rows_ + item.partial) * partial_stride_;
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
    Rows<float> context;           // [rows, heads * head_dim], replicated
    Rows<float> query;             // [rows, group * head_dim] of one KV head, rotated, replicated
    CodeBuffer codes;
    Buffer<float> scratch;
    std::vector<BestTokens> best;  // [rows that ask for logits]
    RowBuffer residual_, normed_, context_, query_;
  };
  [[nodiscard]] LaneState& lane(std::uint32_t rank) noexcept { return lanes_[replicated ? rank : 0]; }
  [[nodiscard]] float* scratch(std::uint32_t rank) noexcept { return lanes_[rank].scratch.data(); }
  bool replicated = false;

 private:
  void place_spans(const KvCache& cache) {
    spans.clear();
    std::size_t partial = 0;
    for (const AttentionBlock& block : blocks)
      for (std::uint32_t span = 0; span * kernels::span_positions < block.position + block.rows; ++span, partial += block.rows * group_)
        spans.push_back({block, span, partial});
    partial_stride_ = kernels::PartialLayout{cache.shape().head()}.stride();
    partial_rows_ = partial;
    partials_.reserve_discarding(partial * partial_stride_ * cache.shape().kv_heads);
  }
  void place_segments() {
    by_page.resize(pages.size());
    std::iota(by_page.begin(), by_page.end(), 0u);
    std::stable_sort(by_page.begin(), by_page.end(), [&](std::uint32_t a, std::uint32_t b) { return std::less<>{}(pages[a], pages[b]); });
    segments.clear();
    for (std::size_t i = 0; i < by_page.size(); ++i) {
      if (i == 0 || pages[by_page[i]] != pages[by_page[i - 1]]) segments.push_back({i, i});
      ++segments.back().end;
    }
  }

  RowBuffer query_, key_, value_, context_, gate_, up_, delta_;
  Buffer<float> partials_;  // [kv_heads, partial_rows_, partial_stride_]
  std::size_t group_ = 1, partial_rows_ = 0, partial_stride_ = 0;
  std::deque<LaneState> lanes_;
  std::vector<Candidate> merged_;
};

/// One lane's way through a step: its rows, and the input of the next matrices in the forms they ask for.
template <class Backend>
class LanePass {
 public:
  LanePass(Lane& lane_, StepState& state, const Batch& batch_)
      : lane{lane_},
        batch{batch_},
        replicated{state.replicated},
        residual{state.lane(lane_.rank()).residual},
        normed{state.lane(lane_.rank()).normed},
        context{state.lane(lane_.rank()).context},
        query{state.lane(lane_.rank()).query},
        scratch{state.scratch(lane_.rank())},
        codes_{state.lane(lane_.rank()).codes},
        best_{state.best(lane_.rank())} {
    begin_rows(batch_.rows());
  }

  Lane& lane;
  const Batch& batch;
  const bool replicated;
  const Rows<float> residual, normed, context, query;
  float* const scratch;
  Slice mine;  ///< rows this lane normalizes and quantizes: all of them when replicated

  void begin_rows(std::size_t rows) noexcept {
    rows_ = rows;
    mine = replicated ? Slice{0, rows} : lane.slice(rows);
  }
  /// Waits for the other lanes' rows, where rows are shared.
  void share() noexcept {
    if (!replicated) lane.barrier();
  }
  /// Offers the logits [rows, begin .. end) to this lane's lists of the best; columns past the vocabulary are none.
  template <class Kernels>
  void offer(const Kernels& k, Rows<float> logits, std::size_t begin, std::size_t end) noexcept {
    end = std::min(end, logits.layout().extents().extent(1));
    for (std::size_t r = 0; begin < end && r < rows_; ++r)
      best_[r].offer({logits.row(r) + begin, end - begin}, begin, [&](const float* x, std::size_t n) { return k.maximum(x, n); });
  }
  /// Names the rows that the next matrices multiply; all lanes' parts of them are written.
  void feed(Rows<float> rows, std::size_t columns) noexcept {
    source_ = rows;
    columns_ = columns;
    form_.reset();
  }
  /// The fed rows in `form`, quantized when this form is first asked for.
  template <class Kernels>
  [[nodiscard]] kernels::Input input(const Kernels& k, const kernels::InputForm& form) {
    if (!form.integer) {
      kernels::Input floats{};
      floats.floats = source_.data();
      floats.stride = source_.layout().stride();
      floats.rows = rows_;
      return floats;
    }
    if (form_ != form) {
      if (form_) share();  // another lane may still read the codes of the form before
      codes_.quantize(k, source_, mine, columns_, form);
      share();
      form_ = form;
    }
    return codes_.view(form, rows_);
  }

 private:
  CodeBuffer& codes_;
  std::vector<BestTokens>& best_;
  std::size_t rows_ = 0;
  Rows<float> source_;
  std::size_t columns_ = 0;
  std::optional<kernels::InputForm> form_;
};

}  // namespace ingot::model
