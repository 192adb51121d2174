// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/mixture.hpp: a mixture of experts: each token visits a few of many feed-forwards (arXiv 1701.06538).

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ingot/kernels/input.hpp>
#include <ingot/kernels/matrix.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/feed_forward.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/mixture_state.hpp>
#include <ingot/model/routing.hpp>
#include <ingot/model/row_buffers.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// One lane's way through the mixture of a layer. Three barriers in a decode step: for the router's logits, for the experts'
/// intermediate rows, for the output.
template <Family F, class Backend>
class MixturePass {
 public:
  MixturePass(LanePass<Backend>& pass, const MixtureWeights<Backend>& weights, const Shape& shape)
      : p_{pass},
        w_{weights},
        shape_{shape},
        state_{pass.state.mixture},
        own_{state_.own(pass.lane.rank())},
        lane_{state_.lane(pass.lane.rank())},
        rows_{pass.batch.rows()} {}

  /// StepState::delta = sum of weight * expert(n) over the experts that a row visits, and of the shared expert, n the fed rows
  void run() {
    p_.multiply(w_.router, state_.logits);
    const bool shared = shape_.shared_width != 0;
    if (shared && w_.has_switch) p_.multiply(w_.shared_switch, state_.switches);
    const Rows<float> wide = shared ? widen<F>(p_, w_.shared, shape_.shared_width) : Rows<float>{};
    const kernels::InputForm form = w_.experts.empty() ? kernels::InputForm{} : first_factor(w_.experts.front()).form();
    const kernels::Input fed = p_.input(form);
    p_.lane.barrier();

    const Dispatch& dispatch = choose();
    clear_output();
    const std::span<const ExpertBlock> blocks{dispatch.blocks};
    for (std::size_t begin = 0, end = 0; begin < blocks.size(); begin = end) {
      if (begin != 0) p_.lane.barrier();  // others may still read the intermediate rows of those before
      for (std::size_t visitors = 0; end < blocks.size() && (visitors += blocks[end].rows) <= state_.most_visitors();) ++end;
      run_experts(dispatch, blocks.subspan(begin, end - begin), fed, form);
    }
    if (shared) {
      p_.feed(wide, shape_.shared_width);
      add_shared();
    }
    p_.pending = true;
    p_.lane.barrier();
  }

 private:
  using Expert = typename MixtureWeights<Backend>::Expert;

  /// The matrix of the first product of an expert.
  static const auto& first_factor(const Expert& expert) noexcept {
    if constexpr (F.feed_forward == FeedForward::plain)
      return expert.up.matrix;
    else
      return expert.gate.matrix;
  }

  /// The visits of all rows, from the router's logits.
  const Dispatch& choose() {
    const std::size_t used = std::min(shape_.experts_used, shape_.experts);
    for (std::size_t r = p_.mine.begin; r < p_.mine.end; ++r)
      own_.choice.template choose<F.router>(p_.config.routing, {state_.logits.row(r), shape_.experts}, w_.correction,
                                            std::span{lane_.visits}.subspan(r * used, used));
    p_.share();
    own_.dispatch.group(std::span{lane_.visits}.first(rows_ * used), used, shape_.experts, expert_rows);
    return own_.dispatch;
  }

  void clear_output() const {
    if (p_.pending) return;
    const Slice columns = columns_of(output_panels(), shape_.hidden);
    for (std::size_t r = 0; r < rows_; ++r) std::fill(p_.state.delta.row(r) + columns.begin, p_.state.delta.row(r) + columns.end, 0.f);
  }

  /// delta += weight * expert(n) for the visitors of `blocks`
  void run_experts(const Dispatch& dispatch, std::span<const ExpertBlock> blocks, const kernels::Input& fed,
                   const kernels::InputForm& form) {
    const std::size_t first = blocks.front().first, count = blocks.back().first + blocks.back().rows - first;
    each_share(p_.lane, blocks, divide_up(shape_.expert_width, quant::panel_rows), [&](const ExpertBlock& block, Slice panels) {
      widen_block(w_.experts[block.expert], dispatch.visitors_of(block), block.first - first, panels, fed, form);
    });
    p_.lane.barrier();

    const Slice mine = p_.replicated ? Slice{0, count} : p_.lane.slice(count);
    for (const ExpertBlock& block : blocks) {
      const kernels::InputForm wide = w_.experts[block.expert].down.matrix.form();
      const std::size_t begin = block.first - first, end = begin + block.rows;
      for (std::size_t i = std::max(begin, mine.begin); wide.integer && i < std::min(end, mine.end); ++i)
        lane_.wide.set(p_.backend.kernels, i, intermediate().row(i), shape_.expert_width, 1, wide);
    }
    p_.share();

    for (const ExpertBlock& block : blocks) {
      const auto& down = w_.experts[block.expert].down;
      const kernels::InputForm wide = down.matrix.form();
      const kernels::Input x = wide.integer ? lane_.wide.rows(block.first - first, block.rows, wide)
                                            : float_input(intermediate(), block.first - first, block.rows);
      const std::span<const Visitor> visitors = dispatch.visitors_of(block);
      add_weighted(down, x, [&](std::size_t i) {
        return Visitor{visitors[i].row, F.router == Router::sigmoid_input ? 1 : visitors[i].weight};
      });
    }
  }

  /// `panels` of act(W_gate n) * W_up n for the visitors, to the intermediate rows from `at` on
  void widen_block(const Expert& expert, std::span<const Visitor> visitors, std::size_t at, Slice panels, const kernels::Input& fed,
                   const kernels::InputForm& form) {
    float *const gate = state_.gate.row(at), *const up = state_.up.row(at);
    const std::size_t stride = state_.gate.layout().stride();
    const kernels::InputForm up_form = expert.up.matrix.form();
    const bool one_form = first_factor(expert).form() == up_form, few = visitors.size() <= replicated_rows;
    kernels::Input x = pick(visitors, fed, form, first_factor(expert).form());
    each_part(panels, one_form && !few ? 8 : panels.size(), [&](Slice part) {  // as in widen()
      if constexpr (F.feed_forward != FeedForward::plain) {
        expert.gate.matrix.multiply(x, gate, stride, part, {kernels::Update::store, expert.gate.bias});
        if (!one_form) x = pick(visitors, fed, form, up_form);
      }
      expert.up.matrix.multiply(x, up, stride, part, {kernels::Update::store, expert.up.bias});
      const Slice columns = columns_of(part, shape_.expert_width);
      for (std::size_t i = 0; i < visitors.size(); ++i) activate<F>(p_, gate + i * stride, up + i * stride, columns.begin, columns.end);
    });
  }

  /// The visitors' rows of the input in `form`. Rows that follow each other are there already; of others the codes are copied.
  /// fed: all rows in form `fed_form`
  kernels::Input pick(std::span<const Visitor> visitors, const kernels::Input& fed, const kernels::InputForm& fed_form,
                      const kernels::InputForm& form) {
    constexpr bool weighted = F.router == Router::sigmoid_input;
    const std::size_t first = visitors.front().row;
    const bool consecutive = !weighted && visitors.back().row - first + 1 == visitors.size();
    if (consecutive && !form.integer) return float_input(p_.normed, first, visitors.size());
    if (consecutive && form == fed_form) return fed.from(first, visitors.size());
    for (std::size_t i = 0; i < visitors.size(); ++i) {
      const float factor = weighted ? visitors[i].weight : 1;
      if (form.integer && form == fed_form)
        own_.picked.copy(i, fed, visitors[i].row, factor, form);
      else
        own_.picked.set(p_.backend.kernels, i, p_.normed.row(visitors[i].row), shape_.hidden, factor, form);
    }
    return own_.picked.rows(0, visitors.size(), form);
  }

  /// delta += sigmoid(switch) * W_down (shared intermediate rows), which were fed
  void add_shared() {
    const kernels::Input all = p_.input(w_.shared.down.matrix.form());
    for (std::size_t r = 0; r < rows_; r += expert_rows)
      add_weighted(w_.shared.down, all.from(r, std::min(expert_rows, rows_ - r)), [&](std::size_t i) {
        const float weight = w_.has_switch ? 1 / (1 + std::exp(-*state_.switches.row(r + i))) : 1.f;
        return Visitor{static_cast<std::uint32_t>(r + i), weight};
      });
  }

  /// delta[visitor(i).row] += visitor(i).weight * (W x[i] + b), this lane's columns, i < x.rows <= expert_rows
  template <Role R, class VisitorOf>
  void add_weighted(const Linear<Backend, R>& down, const kernels::Input& x, VisitorOf&& visitor) {
    const Slice panels = output_panels();
    each_part(panels, x.rows <= replicated_rows ? panels.size() : 16, [&](Slice part) {  // results are still in the cache when added
      if (part.empty()) return;
      down.matrix.multiply(x, state_.output.data(), state_.output.layout().stride(), part, {kernels::Update::store, down.bias});
      const Slice columns = columns_of(part, shape_.hidden);
      for (std::size_t i = 0; i < x.rows; ++i) {
        const Visitor to = visitor(i);
        p_.backend.kernels.add_scaled(p_.state.delta.row(to.row) + columns.begin, state_.output.row(i) + columns.begin, to.weight,
                                      columns.size());
      }
    });
  }

  /// Panels of the output that this lane computes, of whatever matrix.
  [[nodiscard]] Slice output_panels() const noexcept { return p_.lane.slice(divide_up(shape_.hidden, quant::panel_rows)); }
  [[nodiscard]] static Slice columns_of(Slice panels, std::size_t width) noexcept {
    return {std::min(panels.begin * quant::panel_rows, width), std::min(panels.end * quant::panel_rows, width)};
  }
  /// Where activate() leaves its results.
  [[nodiscard]] Rows<float> intermediate() const noexcept { return F.feed_forward == FeedForward::plain ? state_.up : state_.gate; }

  LanePass<Backend>& p_;
  const MixtureWeights<Backend>& w_;
  const Shape& shape_;
  MixtureState& state_;
  MixtureState::LaneState &own_, &lane_;
  std::size_t rows_;
};

}  // namespace ingot::model
