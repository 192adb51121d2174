// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/routing.hpp: which experts a row visits and with what weight, and the rows grouped by expert.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <ingot/core/checked.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/family.hpp>

namespace ingot::model {

/// An expert that a row visits, and the factor on what comes of it (Router::sigmoid_input: on what goes in).
struct Visit {
  std::uint32_t expert = 0;
  float weight = 0;
};

/// Chooses the experts of rows by the router's logits, in float32 as the references do.
class ExpertChoice {
 public:
  /// Makes room for up to `experts`, so that choose() does not allocate.
  void reserve(std::size_t experts) {
    experts_.reserve(experts);
    groups_.reserve(experts);
    best_groups_.reserve(experts);
  }

  /// logits: [experts]; correction: [experts], with Router::sigmoid_biased. visits: as many as are to be chosen, at most all; the best
  /// comes first, of equal ones the lower index. Experts come in groups of consecutive ones.
  template <Router R>
  void choose(const RoutingConfig& config, std::span<const float> logits, const float* correction, std::span<Visit> visits) {
    experts_.resize(logits.size());
    for (std::size_t e = 0; e < logits.size(); ++e) {
      const float score = R == Router::sigmoid_biased ? sigmoid(logits[e]) + correction[e] : logits[e];
      experts_[e] = {static_cast<std::uint32_t>(e), std::isnan(score) ? lowest : score};
    }
    if (config.groups_used < config.groups) mask_groups(config);
    std::partial_sort_copy(experts_.begin(), experts_.end(), visits.begin(), visits.end(), better);
    if constexpr (R == Router::softmax_then_top || R == Router::top_then_softmax)
      weigh_by_softmax(R == Router::top_then_softmax || config.normalize, logits, visits);
    else
      weigh_by_sigmoid(R == Router::sigmoid_biased && config.normalize, logits, visits);
    if (config.factor != 1)
      for (Visit& visit : visits) visit.weight *= config.factor;
  }

 private:
  static constexpr float lowest = -std::numeric_limits<float>::infinity();

  [[nodiscard]] static float sigmoid(float x) noexcept { return 1 / (1 + std::exp(-x)); }
  [[nodiscard]] static bool better(const Visit& a, const Visit& b) noexcept {
    return a.weight != b.weight ? a.weight > b.weight : a.expert < b.expert;
  }

  /// Leaves the best groups_used groups to choose from. Probabilities rise with their logits, so that the group of the most probable
  /// expert is that of the largest logit.
  void mask_groups(const RoutingConfig& config) {
    const std::size_t size = divide_up(experts_.size(), std::size_t{config.groups}), count = divide_up(experts_.size(), size);
    groups_.clear();
    for (std::size_t g = 0; g < count; ++g) {
      float best = lowest, second = lowest;
      for (std::size_t e = g * size; e < std::min((g + 1) * size, experts_.size()); ++e) {
        second = std::max(second, std::min(best, experts_[e].weight));
        best = std::max(best, experts_[e].weight);
      }
      groups_.push_back({static_cast<std::uint32_t>(g), config.group_by_two ? best + second : best});
    }
    best_groups_.resize(std::min<std::size_t>(config.groups_used, count));
    std::partial_sort_copy(groups_.begin(), groups_.end(), best_groups_.begin(), best_groups_.end(), better);
    for (Visit& group : groups_) group.weight = lowest;
    for (const Visit& group : best_groups_) groups_[group.expert].weight = 0;
    for (Visit& expert : experts_)
      if (groups_[expert.expert / size].weight != 0) expert.weight = lowest;
  }

  static void weigh_by_softmax(bool among_visits, std::span<const float> logits, std::span<Visit> visits) noexcept {
    float largest = lowest, total = 0;
    for (const Visit& visit : visits) largest = std::max(largest, logits[visit.expert]);
    for (Visit& visit : visits) total += visit.weight = std::exp(logits[visit.expert] - largest);
    if (!among_visits) {
      total = 0;
      for (const float logit : logits) total += std::exp(logit - largest);
    }
    for (Visit& visit : visits) visit.weight /= total;
  }
  static void weigh_by_sigmoid(bool normalize, std::span<const float> logits, std::span<Visit> visits) noexcept {
    float total = 1e-20f;  // as modeling_deepseek_v3.py of transformers has it
    for (Visit& visit : visits) total += visit.weight = sigmoid(logits[visit.expert]);
    if (normalize)
      for (Visit& visit : visits) visit.weight /= total;
  }

  std::vector<Visit> experts_, groups_, best_groups_;  // their weights are scores here
};

/// A row at an expert.
struct Visitor {
  std::uint32_t row = 0;
  float weight = 0;
};

/// Visitors of one expert that are computed together.
struct ExpertBlock {
  std::uint32_t expert = 0;
  std::uint32_t first = 0, rows = 0;  ///< of Dispatch::visitors
};

/// The visits of all rows of a step, those of an expert together, experts and rows ascending.
class Dispatch {
 public:
  std::vector<Visitor> visitors;
  std::vector<ExpertBlock> blocks;  ///< of experts with visitors only

  /// Makes room, so that group() does not allocate.
  void reserve(std::size_t visits, std::size_t experts, std::size_t block_rows) {
    visitors.reserve(visits);
    blocks.reserve(std::min(visits, experts + visits / block_rows));
    ends_.reserve(experts + 1);
  }
  /// visits: [rows, used]. Blocks of at most block_rows.
  void group(std::span<const Visit> visits, std::size_t used, std::size_t experts, std::size_t block_rows) {
    ends_.assign(experts + 1, 0);
    for (const Visit& visit : visits) ++ends_[visit.expert + 1];
    for (std::size_t e = 0; e < experts; ++e) ends_[e + 1] += ends_[e];
    visitors.resize(visits.size());
    for (std::size_t i = 0; i < visits.size(); ++i)  // where each expert's begin moves to where they end
      visitors[ends_[visits[i].expert]++] = {static_cast<std::uint32_t>(i / used), visits[i].weight};
    blocks.clear();
    for (std::size_t e = 0, begin = 0; e < experts; begin = ends_[e++]) {
      const std::size_t rows = ends_[e] - begin, count = divide_up(rows, block_rows);
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t from = begin + rows * i / count, to = begin + rows * (i + 1) / count;
        blocks.push_back({static_cast<std::uint32_t>(e), static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to - from)});
      }
    }
  }
  [[nodiscard]] std::span<const Visitor> visitors_of(const ExpertBlock& block) const noexcept {
    return std::span{visitors}.subspan(block.first, block.rows);
  }

 private:
  std::vector<std::uint32_t> ends_;
};

/// Calls use(block, panels) for this lane's part of `panels` panels of each block, so that lanes get like work. To read the weights
/// of a panel takes about as long as to multiply four rows by them.
template <class Use>
void each_share(const Lane& lane, std::span<const ExpertBlock> blocks, std::size_t panels, Use&& use) {
  const auto work = [](const ExpertBlock& block) { return std::size_t{block.rows} + 4; };  // of a panel
  std::size_t total = 0, begin = 0;
  for (const ExpertBlock& block : blocks) total += work(block) * panels;
  const Slice mine = lane.slice(total);
  for (const ExpertBlock& block : blocks) {
    const auto panel = [&](std::size_t place) { return place <= begin ? 0 : std::min(panels, divide_up(place - begin, work(block))); };
    const Slice part{panel(mine.begin), panel(mine.end)};
    if (!part.empty()) use(block, part);
    begin += work(block) * panels;
  }
}

}  // namespace ingot::model
