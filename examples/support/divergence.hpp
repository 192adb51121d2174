// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/divergence.hpp: what a model expects after each token, and how far that is from what another expects.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <ingot/core/team.hpp>

namespace program {

/// What logits say of the next token.
class Prediction {
 public:
  Prediction() = default;
  explicit Prediction(std::span<const float> logits) noexcept : logits_{logits} {
    const auto best = std::max_element(logits.begin(), logits.end());
    best_ = static_cast<std::size_t>(best - logits.begin());
    double sum = 0;
    for (const float x : logits) sum += std::exp(static_cast<double>(x) - static_cast<double>(*best));
    log_total_ = static_cast<double>(*best) + std::log(sum);
  }
  /// ln p(token)
  [[nodiscard]] double log_probability(std::size_t token) const noexcept { return static_cast<double>(logits_[token]) - log_total_; }
  [[nodiscard]] std::size_t likeliest() const noexcept { return best_; }
  /// Kullback-Leibler divergence of `other` from this one, in nats; both of one vocabulary.
  [[nodiscard]] double divergence(const Prediction& other) const noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < logits_.size(); ++i) {
      const double mine = log_probability(i);
      sum += std::exp(mine) * (mine - other.log_probability(i));
    }
    return std::max(sum, 0.0);  // rounding
  }

 private:
  std::span<const float> logits_;
  std::size_t best_ = 0;
  double log_total_ = 0;
};

/// What the logits behind a window's tokens [ids.size(), vocabulary] say of the tokens that follow, into `predictions` [ids.size() - 1].
inline void predict(ingot::Team& team, std::span<const float> logits, std::size_t vocabulary, std::vector<Prediction>& predictions) {
  predictions.resize(logits.size() / vocabulary - 1);
  team.run([&](ingot::Lane& lane) {
    const ingot::Slice slice = lane.slice(predictions.size());
    for (std::size_t i = slice.begin; i < slice.end; ++i) predictions[i] = Prediction{logits.subspan(i * vocabulary, vocabulary)};
  });
}

/// Minus the sum of ln p of the tokens that follow.
inline double surprise(std::span<const Prediction> predictions, std::span<const std::int32_t> ids) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) sum -= predictions[i].log_probability(static_cast<std::size_t>(ids[i + 1]));
  return sum;
}

/// Divergences of one model's predictions from another's, token by token; at least one was added where a figure is asked for.
class Divergence {
 public:
  void add(ingot::Team& team, std::span<const Prediction> truth, std::span<const Prediction> other) {
    const std::size_t before = each_.size();
    each_.resize(before + truth.size());
    team.run([&](ingot::Lane& lane) {
      const ingot::Slice slice = lane.slice(truth.size());
      for (std::size_t i = slice.begin; i < slice.end; ++i) each_[before + i] = truth[i].divergence(other[i]);
    });
    for (std::size_t i = 0; i < truth.size(); ++i) agreed_ += truth[i].likeliest() == other[i].likeliest();
  }

  [[nodiscard]] std::size_t tokens() const noexcept { return each_.size(); }
  [[nodiscard]] double mean() const noexcept { return std::accumulate(each_.begin(), each_.end(), 0.0) / static_cast<double>(tokens()); }
  [[nodiscard]] double max() const noexcept { return *std::max_element(each_.begin(), each_.end()); }
  /// The least that `percent` of all tokens do not exceed.
  [[nodiscard]] double percentile(std::size_t percent) const {
    std::vector<double> sorted = each_;
    const auto wanted = sorted.begin() + static_cast<std::ptrdiff_t>((tokens() * percent + 99) / 100 - 1);
    std::nth_element(sorted.begin(), wanted, sorted.end());
    return *wanted;
  }
  /// Share of the tokens at which both think the same one likeliest.
  [[nodiscard]] double agreement() const noexcept { return static_cast<double>(agreed_) / static_cast<double>(tokens()); }

 private:
  std::vector<double> each_;
  std::size_t agreed_ = 0;
};

}  // namespace program
