// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/decoder.hpp: the forward pass. One program that every lane of the team runs, each on its slice.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/model/alibi.hpp>
#include <ingot/model/attention.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/bind.hpp>
#include <ingot/model/convolution_layer.hpp>
#include <ingot/model/delta_layer.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/feed_forward.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/lane_pass.hpp>
#include <ingot/model/latent_attention.hpp>
#include <ingot/model/mixture.hpp>
#include <ingot/model/output.hpp>
#include <ingot/model/residual.hpp>
#include <ingot/model/rope.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// A decoder of family F. The Backend brings the extents, the kernels, the storage of keys and values and the matrix types: run-time
/// ones, or constants for an exact-shape model.
///
/// A step of few rows (decode) is *replicated*: every lane keeps the residual stream and the quantized inputs for itself, so that
/// barriers stand only where matrix rows of other lanes are read: 4 a layer, 5 where the KV heads do not divide evenly among the
/// lanes. With many rows (prefill) lanes share the rows.
template <Family F, class Backend>
class Decoder {
 public:
  Decoder(Backend backend, Weights<Backend> weights, const Config& config)
      : backend_{std::move(backend)},
        weights_{std::move(weights)},
        config_{config},
        widths_{config},
        ropes_{config.ropes.begin(), config.ropes.end()},
        slopes_{config.alibi ? alibi_slopes(config.shape.heads) : std::vector<float>{}} {}

  /// Computes `batch`, whose sequences `cache` has already been extended for. The results do not depend on the number of lanes.
  void step(Team& team, const Batch& batch, KvCache& cache, const Output& output) {
    begin(team, batch, cache);
    const std::size_t rows = batch.logit_rows().size(), count = rows == 0 ? 0 : output.best.size() / rows;
    if (count != 0) state_.begin_best(rows, count);
    run(team, batch, cache, [&](Pass& pass) {
      embed(pass);
      const NormWeights* const behind = run_layers(pass, {0, backend_.shape.layers});
      head(pass, output, behind, count != 0);
    });
    for (std::size_t r = 0; count != 0 && r < rows; ++r) state_.merge_best(r, output.best.subspan(r * count, count));
  }

  /// Takes the residual stream of `batch`, [rows, hidden], through `layers`, in place. Before layer 0 it is the tokens' embedding, whatever
  /// `stream` holds.
  void advance(Team& team, const Batch& batch, KvCache& cache, Slice layers, Rows<float> stream) {
    begin(team, batch, cache);
    const std::size_t hidden = backend_.shape.hidden;
    run(team, batch, cache, [&](Pass& pass) {
      if (layers.begin == 0)
        embed(pass);
      else
        for (std::size_t r = pass.mine.begin; r < pass.mine.end; ++r) std::copy_n(stream.row(r), hidden, pass.residual.row(r));
      pass.lane.barrier();  // a replicated lane writes what all have read
      const NormWeights* const behind = run_layers(pass, layers);
      const Slice rows = pass.lane.slice(batch.rows());
      for (std::size_t r = rows.begin; r < rows.end; ++r) {
        add_pending<F>(pass, r, behind, pass.normed.row(r));
        std::copy_n(pass.residual.row(r), hidden, stream.row(r));
      }
    });
  }

  [[nodiscard]] Cost cost() const noexcept { return cost_of<F>(weights_, config_); }

 private:
  using Pass = LanePass<Backend>;

  void begin(Team& team, const Batch& batch, KvCache& cache) {
    const bool sees_later = !config_.causal || config_.context_end >= 0;
    state_.reserve(widths_, batch, team.size(), !sees_later);
    place_prompts(config_, batch, cache, state_.turns);
    state_.place(widths_, batch, [&](const Run& run) { return prompt_prefix(config_, run, cache); });
    for (const Run& run : batch.runs())
      for (RopeTable& rope : ropes_) rope.extend(run.position + run.rows);
  }
  /// program(pass) on every lane.
  template <class Program>
  void run(Team& team, const Batch& batch, KvCache& cache, Program&& program) {
    const Step<Backend> step{backend_, weights_, config_, ropes_, slopes_, batch, cache, state_};
    const auto of_lane = [&](Lane& lane) {
      Pass pass{lane, step};
      program(pass);
    };
    if (state_.replicated)
      team.run_beside_others(of_lane);
    else
      team.run(of_lane);
  }

  /// Returns the norm of what the last layer left in StepState::delta.
  const NormWeights* run_layers(Pass& p, Slice layers) {
    const NormWeights* behind = nullptr;
    for (auto i = static_cast<std::uint32_t>(layers.begin); i < layers.end; ++i) {
      const LayerWeights<Backend>& layer = weights_.layers[i];
      normalize<F>(p, layer.input_norm, behind);
      mix(p, i);
      if constexpr (F.residual == Residual::parallel)
        p.feed(p.normed, backend_.shape.hidden);
      else
        normalize<F>(p, layer.post_norm, &layer.mixer_norm);
      widen_and_narrow(p, i);
      behind = &layer.feed_forward_norm;
    }
    return behind;
  }

  /// residual = embedding of the tokens
  void embed(Pass& p) {
    const std::size_t hidden = backend_.shape.hidden;
    for (std::size_t r = p.mine.begin; r < p.mine.end; ++r) {
      float *x = p.residual.row(r), *more = p.normed.row(r);
      weights_.embedding.row(static_cast<std::size_t>(p.batch.tokens()[r]), x);  // [hidden]
      if (config_.embedding_scale != 1) backend_.kernels.scale(x, config_.embedding_scale, hidden);
      if (config_.learned_positions) {
        weights_.positions.row(state_.positions[r], more);
        backend_.kernels.add(x, more, hidden);
      }
      if (config_.token_types != 0) {
        weights_.token_types.row(0, more);
        backend_.kernels.add(x, more, hidden);
      }
    }
  }

  /// residual += what positions tell each other
  void mix(Pass& p, std::uint32_t layer) {
    if constexpr (F.delta)
      if (config_.layers[layer].mixer == Mixer::delta) return recur<F>(p, layer);
    if constexpr (F.convolution)
      if (config_.layers[layer].mixer == Mixer::convolution) return convolve<F>(p, layer);
    if constexpr (F.attention == Attention::latent)
      attend_latent<F>(p, layer);
    else
      attend<F>(p, layer);
  }

  /// residual += what each position makes of itself
  void widen_and_narrow(Pass& p, std::uint32_t layer) {
    if constexpr (F.router != Router::none)
      if (config_.layers[layer].sparse) return MixturePass<F, Backend>{p, weights_.layers[layer].mixture, backend_.extents_of(layer)}.run();
    feed_forward<F>(p, layer);
  }

  /// logits = W_head norm(residual), for the rows that ask for them. Where the best are wanted, each lane looks for them among its
  /// logits while they are in its cache: a pass over 151 936 logits afterwards took 0.07 to 0.1 ms.
  void head(Pass& p, const Output& output, const NormWeights* behind, bool best) {
    const std::span<const std::uint32_t> rows = p.batch.logit_rows();
    if (rows.empty()) return;
    const std::size_t hidden = backend_.shape.hidden;
    p.begin_rows(rows.size());
    for (std::size_t i = p.mine.begin; i < p.mine.end; ++i) {
      add_pending<F>(p, rows[i], behind, p.normed.row(i));
      norm_row<F>(p, weights_.final_norm, p.residual.row(rows[i]), p.normed.row(i));
      if (output.hidden.data() != nullptr) std::copy_n(p.normed.row(i), hidden, output.hidden.row(i));
    }
    if (output.logits.data() == nullptr) return;
    p.share();
    p.feed(p.normed, hidden);
    each_part(p.panels_of(weights_.head), best || scales_logits() ? 256 : weights_.head.matrix.layout.panels(), [&](Slice part) {
      p.multiply(weights_.head, output.logits, part);  // 16 KiB of logits a row
      const std::size_t begin = part.begin * quant::panel_rows, end = part.end * quant::panel_rows;
      if (scales_logits()) scale_logits(output.logits, rows.size(), begin, std::min<std::size_t>(end, backend_.shape.vocabulary));
      if (best) p.offer(output.logits, begin, end);
    });
  }

  [[nodiscard]] bool scales_logits() const noexcept { return config_.logit_scale != 1 || config_.logit_cap != 0; }
  void scale_logits(Rows<float> logits, std::size_t rows, std::size_t begin, std::size_t end) const {
    for (std::size_t r = 0; begin < end && r < rows; ++r) {
      if (config_.logit_scale != 1) backend_.kernels.scale(logits.row(r) + begin, config_.logit_scale, end - begin);
      if (config_.logit_cap != 0) backend_.kernels.soft_cap(logits.row(r) + begin, end - begin, config_.logit_cap);
    }
  }

  Backend backend_;
  Weights<Backend> weights_;
  const Config& config_;  // of the Model around it
  StepWidths widths_;
  std::vector<RopeTable> ropes_;
  std::vector<float> slopes_;
  StepState state_;
};

}  // namespace ingot::model
