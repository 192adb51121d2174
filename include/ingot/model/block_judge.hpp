// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/block_judge.hpp: what a decoder block's output loses on a text when its weights are rounded.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/team.hpp>
#include <ingot/model/block_model.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/pack.hpp>

namespace ingot::model::detail {

/// OmniQuant's loss (arXiv 2308.13137, eq. 1), || F(W, X) - F(Q(W), X') ||^2 over the residual streams that a block F gives: X is what the
/// checkpoint's blocks before it make of the tokens' embedding, X' what the rounded ones make of it, as they have been found. F runs the
/// kernels of Q's schemes, so inputs are rounded as they will be (keys and values stay floats). Each token counts by the share of its
/// error, lost / (lost + stream^2): a few tokens have streams a thousand times as large as all others, and one that loses such a stream,
/// or gets one, is no more than lost. (Of SmolLM2, such tokens of layer 11 would be 99 % of a sum of relative errors.)
class BlockJudge {
 public:
  static constexpr std::size_t most_tokens = 2048;  // of the text, from the beginnings of its sequences

  BlockJudge(const ModelCheckpoint& opened, std::span<const WeightRequest> requests, const CalibrationText& text, Team& team)
      : opened_{opened}, requests_{requests}, team_{team} {
    const std::size_t share = std::max<std::size_t>(most_tokens / std::max<std::size_t>(text.sequences.size(), 1), 64);
    for (const auto& sequence : text.sequences) {
      if (tokens_ >= most_tokens || sequence.empty()) continue;
      texts_.emplace_back(sequence.begin(), sequence.begin() + static_cast<std::ptrdiff_t>(std::min(share, sequence.size())));
      tokens_ += texts_.back().size();
    }
    exact_.resize(tokens_ * opened.config.shape.hidden);
    rounded_ = exact_;
  }

  /// Goes on with the next block. scheme_of(request): how each of its matrices is stored; weights() has room for them, and vectors as they
  /// are in the checkpoint. Memory: the block in float32 for a while, then as it is stored. Errors: those of the checkpoint.
  template <class SchemeOf>
  Status open(std::uint32_t block, SchemeOf&& scheme_of) {
    INGOT_CHECK(compute_exact(block));
    INGOT_TRY(model_, BlockModel::open(opened_, requests_, block, team_.size(), texts_, scheme_of));
    return {};
  }
  [[nodiscard]] BlockSource& weights() noexcept { return model_->weights(); }

  /// With the weights as they are, averaged over tokens. Errors: those of the embedding's rows.
  Result<double> loss() {
    tried_ = rounded_;
    INGOT_CHECK(model_->run(tried_));
    const std::size_t hidden = opened_.config.shape.hidden;
    double sum = 0;
    for (std::size_t t = 0; t < tokens_; ++t) {
      double lost = 0, all = 0;
      for (std::size_t i = t * hidden; i < (t + 1) * hidden; ++i) {
        const double exact = static_cast<double>(reference_[i]), difference = static_cast<double>(tried_[i]) - exact;
        lost += difference * difference;
        all += exact * exact;
      }
      if (lost > 0) sum += lost / (all + lost);
    }
    return sum / static_cast<double>(std::max<std::size_t>(tokens_, 1));
  }
  /// What was judged last is what the next block will see, if nothing better comes.
  void keep() noexcept { std::swap(output_, tried_); }
  /// The block is done.
  void close() noexcept {
    std::swap(exact_, reference_);
    std::swap(rounded_, output_);
    model_.reset();
  }

 private:
  Status compute_exact(std::uint32_t block) {
    INGOT_TRY(const auto model, BlockModel::open(opened_, requests_, block, team_.size(), texts_, [](const auto&) { return quant::f32; }));
    for (const WeightRequest& request : requests_) {
      if (!request.is_matrix || layer_of(request.name) != block) continue;
      const checkpoint::TensorInfo& tensor = *request.tensor;
      auto packed = quant::pack(quant::f32, tensor.rows(), tensor.columns(), quant::row_source(tensor), team_);
      if (!packed) return std::move(packed).error().in(tensor.file + ": " + tensor.name);
      model->weights().set(request.name, packed->view());
    }
    reference_ = exact_;
    return model->run(reference_);
  }

  const ModelCheckpoint& opened_;
  std::span<const WeightRequest> requests_;
  Team& team_;
  std::vector<std::vector<std::int32_t>> texts_;
  std::size_t tokens_ = 0;
  std::vector<float> exact_, rounded_;             // X, X': streams before the block, [tokens, hidden]
  std::vector<float> reference_, output_, tried_;  // behind it: F(W, X); F(Q(W), X') that is kept, and that was judged last
  std::unique_ptr<BlockModel> model_;
};

}  // namespace ingot::model::detail
