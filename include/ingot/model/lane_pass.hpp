// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/lane_pass.hpp: one lane's way through a step: what it shares, its rows, and the input of the next matrices.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/kernels/matrix.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/rope.hpp>
#include <ingot/model/row_buffers.hpp>
#include <ingot/model/step_state.hpp>
#include <ingot/model/weights.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot::model {

/// What all lanes of a step look at.
template <class Backend>
struct Step {
  const Backend& backend;
  const Weights<Backend>& weights;
  const Config& config;
  std::span<const RopeTable> ropes;  ///< as Config::ropes
  std::span<const float> slopes;     ///< [heads] of ALiBi, or none
  const Batch& batch;
  KvCache& cache;
  StepState& state;
};

/// One lane's way through a step. Blocks of the decoder are functions of it.
template <class Backend>
class LanePass : public Step<Backend> {
 public:
  LanePass(Lane& lane_, const Step<Backend>& step)
      : Step<Backend>{step},
        lane{lane_},
        replicated{step.state.replicated},
        residual{step.state.lane(lane_.rank()).residual},
        normed{step.state.lane(lane_.rank()).normed},
        context{step.state.lane(lane_.rank()).context},
        query{step.state.lane(lane_.rank()).query},
        scratch{step.state.scratch(lane_.rank())},
        codes_{step.state.lane(lane_.rank()).codes},
        part_codes_{step.state.part_codes(lane_.rank())},
        part_rows_{step.state.part_rows(lane_.rank())},
        best_{step.state.best(lane_.rank())} {
    begin_rows(step.batch.rows());
  }

  Lane& lane;
  const bool replicated;
  const Rows<float> residual, normed, context, query;
  float* const scratch;
  Slice mine;            ///< rows this lane normalizes and quantizes: all of them when replicated
  bool pending = false;  ///< whether StepState::delta is still to be added to the residual stream

  void begin_rows(std::size_t rows) noexcept {
    rows_ = rows;
    mine = replicated ? Slice{0, rows} : lane.slice(rows);
  }
  /// Waits for the other lanes' rows, where rows are shared.
  void share() noexcept {
    if (!replicated) lane.barrier();
  }
  /// Offers the logits [rows, begin .. end) to this lane's lists of the best; columns past the vocabulary are none.
  void offer(Rows<float> logits, std::size_t begin, std::size_t end) noexcept {
    end = std::min(end, logits.layout().extents().extent(1));
    for (std::size_t r = 0; begin < end && r < rows_; ++r)
      best_[r].offer({logits.row(r) + begin, end - begin}, begin,
                     [&](const float* x, std::size_t n) { return this->backend.kernels.maximum(x, n); });
  }
  /// Names the rows that the next matrices multiply; all lanes' parts of them are written.
  void feed(Rows<float> rows, std::size_t columns) noexcept {
    source_ = rows;
    columns_ = columns;
    form_.reset();
    fed_ = &codes_;
  }
  /// Names rows that all lanes have quantized in `form` already: the only one that the next matrices read.
  void feed(const CodeBuffer& codes, const kernels::InputForm& form) noexcept {
    fed_ = &codes;
    form_ = form;
  }
  /// The fed rows in `form`, quantized when this form is first asked for.
  [[nodiscard]] kernels::Input input(const kernels::InputForm& form) {
    if (!form.integer) return float_input(source_, 0, rows_);
    if (form_ != form) {
      if (form_) share();  // another lane may still read the codes of the form before
      codes_.quantize(this->backend.kernels, source_, mine, columns_, form);
      share();
      form_ = form;
    }
    return fed_->view(form, rows_);
  }

  /// The columns [first, first + count) of all rows of x in `form`, for this lane alone.
  [[nodiscard]] kernels::Input part_input(const kernels::InputForm& form, Rows<float> x, std::size_t first, std::size_t count) {
    const std::size_t rows = this->batch.rows();
    if (!form.integer) return float_input(x, 0, rows, first);
    part_codes_.reserve(rows, count);
    part_codes_.quantize(this->backend.kernels, x, {0, rows}, count, form, first);
    return part_codes_.view(form, rows);
  }

  /// Rows of this lane's own, for results that go elsewhere.
  [[nodiscard]] Rows<float> part_rows(std::size_t columns) { return part_rows_.reserve(this->batch.rows(), columns); }

  /// This lane's share of a matrix's panels.
  template <Role R>
  [[nodiscard]] Slice panels_of(const Linear<Backend, R>& linear) const noexcept {
    return lane.slice(linear.matrix.layout.panels());
  }
  /// Where few rows make a step wait for weights: asks for those that this lane multiplies behind the next barrier, if there are such. Of
  /// 0.5B and 1.5B parameters in 4 bits, 3 % more tokens a second on two Emerald Rapids cores whose neighbours kept the memory busy, and no
  /// difference in a quiet hour.
  template <Role R>
  INGOT_INLINE void expect(const Linear<Backend, R>& linear) const noexcept {
    if (replicated) linear.matrix.ask_for(panels_of(linear));
  }
  /// y[:, panels] = W x + b (or += ...), x the input that was fed. Every lane has to call it, maybe for no panels.
  template <Role R>
  void multiply(const Linear<Backend, R>& linear, Rows<float> y, Slice panels, kernels::Update update = kernels::Update::store) {
    const kernels::Input x = input(linear.matrix.form());
    if (!panels.empty()) linear.matrix.multiply(x, y.data(), y.layout().stride(), panels, {update, linear.bias});
  }
  template <Role R>
  void multiply(const Linear<Backend, R>& linear, Rows<float> y) {
    multiply(linear, y, panels_of(linear));
  }

 private:
  CodeBuffer &codes_, &part_codes_;
  RowBuffer& part_rows_;
  std::vector<BestTokens>& best_;
  std::size_t rows_ = 0;
  Rows<float> source_;
  std::size_t columns_ = 0;
  std::optional<kernels::InputForm> form_;
  const CodeBuffer* fed_ = &codes_;
};

/// Calls use(part) for `panels`, up to `some` at a time; once for none, as every lane has to ask for the input.
template <class Use>
void each_part(Slice panels, std::size_t some, Use&& use) {
  do {
    const std::size_t end = std::min(panels.begin + std::max<std::size_t>(some, 1), panels.end);
    use(Slice{std::exchange(panels.begin, end), end});
  } while (!panels.empty());
}

}  // namespace ingot::model
