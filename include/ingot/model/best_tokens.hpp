// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/best_tokens.hpp: the likeliest tokens, collected while a head's logits are still in the cache.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <ingot/model/output.hpp>

namespace ingot::model {

/// The order of candidates: the larger logit first, of equal ones the lower id.
[[nodiscard]] constexpr bool likelier(const Candidate& a, const Candidate& b) noexcept {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

/// The k likeliest of the logits offered so far, likeliest first. Logits that are not numbers or -inf are never among them.
class BestTokens {
 public:
  /// Empties the list; k > 0. No later call allocates.
  void begin(std::size_t k) {
    k_ = k;
    best_.clear();
    best_.reserve(k);
  }

  /// Offers the logits of the tokens first, first + 1, ...; ids rise from call to call. `maximum` is the kernel of that name: a block
  /// with nothing better than the k-th costs one vector pass.
  template <class Maximum>
  void offer(std::span<const float> logits, std::size_t first, Maximum&& maximum) noexcept {
    for (std::size_t begin = 0; begin < logits.size(); begin += block) {
      const std::span<const float> part = logits.subspan(begin, std::min(block, logits.size() - begin));
      if (!(maximum(part.data(), part.size()) > least())) continue;
      for (std::size_t i = 0; i < part.size(); ++i)
        if (part[i] > least()) insert({part[i], static_cast<std::int32_t>(first + begin + i)});
    }
  }

  [[nodiscard]] std::span<const Candidate> list() const noexcept { return best_; }

 private:
  static constexpr std::size_t block = 128;

  [[nodiscard]] float least() const noexcept { return best_.size() < k_ ? -std::numeric_limits<float>::infinity() : best_.back().logit; }
  void insert(const Candidate& candidate) noexcept {
    if (best_.size() == k_) best_.pop_back();
    best_.insert(std::upper_bound(best_.begin(), best_.end(), candidate, likelier), candidate);
  }

  std::size_t k_ = 1;
  std::vector<Candidate> best_;
};

}  // namespace ingot::model
