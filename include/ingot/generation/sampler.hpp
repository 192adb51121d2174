// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/sampler.hpp: logits to a token: penalties, then a chain of filters, then a seeded draw.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ingot/generation/sampler_settings.hpp>
#include <ingot/model/best_tokens.hpp>

namespace ingot::generation {

/// Chooses tokens. The same settings, logits and history give the same tokens on every platform.
class Sampler {
 public:
  explicit Sampler(SamplerSettings settings) : settings_{std::move(settings)}, random_{settings_.seed} {}

  [[nodiscard]] const SamplerSettings& settings() const noexcept { return settings_; }

  /// Tells the penalties about a token of the text so far, prompt or answer.
  void accept(std::int32_t token) {
    if (!penalizes()) return;
    history_.push_back(token);
    ++seen_[token];
    if (settings_.penalty_window == 0 || history_.size() - first_ <= settings_.penalty_window) return;
    const auto oldest = seen_.find(history_[first_++]);
    if (--oldest->second == 0) seen_.erase(oldest);
  }
  /// Forgets the history; the random sequence goes on.
  void forget() {
    history_.clear();
    seen_.clear();
    first_ = 0;
  }

  /// How many of the likeliest tokens pick() is content with instead of all logits; 0: it needs all of them. No penalty can lift
  /// another token among them then.
  [[nodiscard]] std::size_t content_with() const noexcept {
    if (penalizes()) return 0;
    if (settings_.temperature <= 0) return 1;
    const auto first = first_active();
    const bool few = first != settings_.chain.end() && *first == Filter::top_k && settings_.top_k <= most_best;
    return few ? settings_.top_k : 0;
  }
  /// The next token, given content_with() candidates, likeliest first: the same token as from all logits.
  [[nodiscard]] std::int32_t pick(std::span<const model::Candidate> best) {
    if (settings_.temperature <= 0) return best.front().token;
    candidates_.assign(best.begin(), best.end());
    for (model::Candidate& c : candidates_) c.logit = std::clamp(c.logit, -most, most);
    total_ = 0;
    for (const Filter filter : settings_.chain) apply(filter);
    return draw();
  }

  /// The next token for `logits` [vocabulary], not empty, which the penalties change in place. Ties go to the lower id; logits
  /// that are not numbers (a damaged model) count as the least.
  [[nodiscard]] std::int32_t pick(std::span<float> logits) {
    penalize(logits);
    find_block_maxima(logits);
    if (settings_.temperature <= 0) return best(logits);
    gather(logits);
    for (const Filter filter : settings_.chain) apply(filter);
    return draw();
  }

 private:
  using Candidate = model::Candidate;
  static constexpr std::size_t most_best = 256;                     // longer lists cost more than they save
  static constexpr float most = std::numeric_limits<float>::max();  // finite, so that sorting and differences are well defined

  [[nodiscard]] bool penalizes() const noexcept {
    return settings_.repetition_penalty != 1 || settings_.presence_penalty != 0 || settings_.frequency_penalty != 0;
  }
  void penalize(std::span<float> logits) const noexcept {
    for (const auto& [token, count] : seen_) {
      if (token < 0 || static_cast<std::size_t>(token) >= logits.size()) continue;
      float& logit = logits[static_cast<std::size_t>(token)];
      logit = logit > 0 ? logit / settings_.repetition_penalty : logit * settings_.repetition_penalty;
      logit -= settings_.presence_penalty + static_cast<float>(count) * settings_.frequency_penalty;
    }
  }

  /// The largest of each block of logits, -inf where all are NaN: one quick pass, after which only few blocks need to be looked at
  /// (std::max_element over 151 936 logits takes 0.4 ms, a tenth of a small model's token).
  void find_block_maxima(std::span<const float> logits) {
    block_maxima_.clear();
    for (std::size_t begin = 0; begin < logits.size(); begin += block) {
      const std::span<const float> part = logits.subspan(begin, std::min(block, logits.size() - begin));
      float largest[16];  // independent, so that they become vectors
      std::fill(std::begin(largest), std::end(largest), -std::numeric_limits<float>::infinity());
      std::size_t i = 0;
      for (; i + std::size(largest) <= part.size(); i += std::size(largest))
        for (std::size_t j = 0; j < std::size(largest); ++j) largest[j] = part[i + j] > largest[j] ? part[i + j] : largest[j];
      for (; i < part.size(); ++i) largest[0] = part[i] > largest[0] ? part[i] : largest[0];
      block_maxima_.push_back(*std::max_element(std::begin(largest), std::end(largest)));
    }
  }
  [[nodiscard]] std::int32_t best(std::span<const float> logits) const {
    const auto largest = std::max_element(block_maxima_.begin(), block_maxima_.end());
    const auto begin = logits.begin() + (largest - block_maxima_.begin()) * static_cast<std::ptrdiff_t>(block);
    const auto found = std::find(begin, logits.end(), *largest);
    return found == logits.end() ? 0 : static_cast<std::int32_t>(found - logits.begin());
  }

  /// Whether a link of the chain leaves anything out.
  [[nodiscard]] bool active(Filter filter) const noexcept {
    return filter == Filter::top_k   ? settings_.top_k != 0
           : filter == Filter::top_p ? settings_.top_p < 1
           : filter == Filter::min_p ? settings_.min_p > 0
                                     : true;
  }

  [[nodiscard]] std::vector<Filter>::const_iterator first_active() const noexcept {
    return std::find_if(settings_.chain.begin(), settings_.chain.end(), [this](Filter f) { return active(f); });
  }

  /// A logit below which the first link of the chain would leave all out, so that they need not be sorted; -inf: it says nothing.
  [[nodiscard]] float first_bound(std::span<const float> logits) {
    constexpr float none = -std::numeric_limits<float>::infinity();
    total_ = 0;
    const auto first = first_active();
    const float largest = *std::max_element(block_maxima_.begin(), block_maxima_.end());
    if (first == settings_.chain.end() || !std::isfinite(largest)) return none;
    if (*first == Filter::top_k && settings_.top_k < block_maxima_.size()) {
      // k blocks have a maximum of at least the k-th largest maximum: only what reaches that can be among the k best
      sorted_maxima_ = block_maxima_;
      const auto kth = sorted_maxima_.begin() + settings_.top_k - 1;
      std::nth_element(sorted_maxima_.begin(), kth, sorted_maxima_.end(), std::greater<>{});
      return *kth;
    }
    if (*first == Filter::min_p) return largest + std::log(settings_.min_p) - 1e-3f;  // apply() decides about the margin
    if (*first == Filter::top_p && settings_.top_p > 0) {
      // tokens each less likely than (1 - p) / n have less than 1 - p together, and all others come before them
      double total = 0;
      for (const float x : logits)
        if (x > largest - 40) total += static_cast<double>(std::exp(x - largest));
      total_ = total;
      const double least = 0.99 * (1 - static_cast<double>(settings_.top_p)) * total / static_cast<double>(logits.size());
      const float bound = largest + static_cast<float>(std::log(least));
      return std::isfinite(bound) ? bound : none;
    }
    return none;
  }

  /// The candidates that the first link of the chain may keep, likeliest first; unsorted where no link cuts.
  void gather(std::span<const float> logits) {
    const float least = first_bound(logits);
    const bool all = least == -std::numeric_limits<float>::infinity();  // NaN and -inf can be among the best, too
    candidates_.clear();
    for (std::size_t b = 0; b < block_maxima_.size(); ++b) {
      if (block_maxima_[b] < least) continue;
      for (std::size_t i = b * block; i < std::min((b + 1) * block, logits.size()); ++i)
        if (all || logits[i] >= least)
          candidates_.push_back({std::isnan(logits[i]) ? -most : std::clamp(logits[i], -most, most), static_cast<std::int32_t>(i)});
    }
    if (!settings_.chain.empty() && settings_.chain.front() == Filter::top_k && active(Filter::top_k) &&
        settings_.top_k < candidates_.size()) {
      std::nth_element(candidates_.begin(), candidates_.begin() + settings_.top_k, candidates_.end(), model::likelier);
      candidates_.resize(settings_.top_k);
    }
    const auto cuts = [this](Filter f) { return f != Filter::temperature && active(f); };
    if (std::any_of(settings_.chain.begin(), settings_.chain.end(), cuts))
      std::sort(candidates_.begin(), candidates_.end(), model::likelier);
    else  // only the first has to be the likeliest
      std::iter_swap(candidates_.begin(), std::min_element(candidates_.begin(), candidates_.end(), model::likelier));
  }

  void apply(Filter filter) {
    switch (filter) {
      case Filter::top_k:
        if (settings_.top_k != 0) keep(settings_.top_k);
        break;
      case Filter::top_p: {
        if (settings_.top_p >= 1) break;
        weigh();
        double sum = 0, total = std::exchange(total_, 0);  // of candidates that were left out before, too
        if (total == 0) total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
        std::size_t count = 0;
        while (count < weights_.size() && sum < static_cast<double>(settings_.top_p) * total) sum += weights_[count++];
        keep(std::max<std::size_t>(count, 1));
        break;
      }
      case Filter::min_p: {  // p >= min_p * p_best, in logits: logit >= best + ln(min_p)
        if (settings_.min_p <= 0) break;
        const float least = candidates_.front().logit + std::log(settings_.min_p);
        keep(static_cast<std::size_t>(
            std::find_if(candidates_.begin() + 1, candidates_.end(), [&](const Candidate& c) { return c.logit < least; }) -
            candidates_.begin()));
        break;
      }
      case Filter::temperature: {  // relative to the best: the smallest temperatures would give infinities
        const float best = candidates_.front().logit;
        for (Candidate& c : candidates_) c.logit = (c.logit - best) / settings_.temperature;
        break;
      }
    }
  }
  void keep(std::size_t count) {
    if (count < candidates_.size()) candidates_.resize(count);
  }
  /// weights_[i] = exp(logit_i - best), not normalized
  void weigh() {
    weights_.resize(candidates_.size());
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      weights_[i] = std::exp(static_cast<double>(candidates_[i].logit) - static_cast<double>(candidates_.front().logit));
  }
  [[nodiscard]] std::int32_t draw() {
    weigh();
    double total = 0;
    for (const double w : weights_) total += w;
    double left = static_cast<double>(random_() >> 11) * 0x1p-53 * total;  // 53 random bits: uniform in [0, total)
    for (std::size_t i = 0; i < weights_.size(); ++i)
      if ((left -= weights_[i]) < 0) return candidates_[i].token;
    return candidates_.front().token;  // rounding left a crumb
  }

  static constexpr std::size_t block = 128;

  SamplerSettings settings_;
  std::mt19937_64 random_;
  std::vector<float> block_maxima_, sorted_maxima_;
  std::vector<Candidate> candidates_;
  std::vector<double> weights_;
  double total_ = 0;  // of all weights, where first_bound() has summed them up
  std::vector<std::int32_t> history_;
  std::size_t first_ = 0;  // of the history inside the penalty window
  std::unordered_map<std::int32_t, std::uint32_t> seen_;
};

}  // namespace ingot::generation
