// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/plain_mixture.hpp: the choice of experts by its plain definition, in double precision.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <ingot/model/config.hpp>
#include <ingot/model/family.hpp>

namespace ingot::test {

/// Indices of the `count` largest, of equal ones the lower first.
inline std::vector<std::size_t> largest(const std::vector<double>& scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  order.resize(std::min(count, order.size()));
  return order;
}

inline double plain_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Experts, ascending, with their weights, as the models' own code computes them. correction: empty or one for each expert.
inline std::vector<std::pair<std::uint32_t, double>> plain_visits(model::Router router, const model::RoutingConfig& config,
                                                                  const std::vector<double>& logits, std::vector<double> correction,
                                                                  std::size_t used) {
  const std::size_t experts = logits.size();
  const bool sigmoid = router == model::Router::sigmoid_biased;
  std::vector<double> scores = logits, probabilities(experts);
  double total = 0;
  for (const double logit : logits) total += std::exp(logit);
  for (std::size_t e = 0; e < experts; ++e) probabilities[e] = sigmoid ? plain_sigmoid(logits[e]) : std::exp(logits[e]) / total;
  if (router == model::Router::softmax_then_top || sigmoid) scores = probabilities;
  correction.resize(experts);
  for (std::size_t e = 0; e < experts; ++e) scores[e] += correction[e];
  if (config.groups > 1) {
    const std::size_t size = experts / config.groups;
    std::vector<double> of_groups;
    for (std::size_t g = 0; g < config.groups; ++g) {
      std::vector<double> members(scores.begin() + static_cast<std::ptrdiff_t>(g * size),
                                  scores.begin() + static_cast<std::ptrdiff_t>((g + 1) * size));
      std::sort(members.rbegin(), members.rend());
      of_groups.push_back(config.group_by_two ? members[0] + members[1] : members[0]);
    }
    const auto kept = largest(of_groups, config.groups_used);
    for (std::size_t e = 0; e < experts; ++e)
      if (std::find(kept.begin(), kept.end(), e / size) == kept.end()) scores[e] = -std::numeric_limits<double>::infinity();
  }
  auto chosen = largest(scores, used);
  std::sort(chosen.begin(), chosen.end());
  std::vector<std::pair<std::uint32_t, double>> visits;
  double sum = 0;
  for (const std::size_t e : chosen) {
    const double weight = router == model::Router::sigmoid_input ? plain_sigmoid(logits[e]) : probabilities[e];
    sum += weight;
    visits.emplace_back(static_cast<std::uint32_t>(e), weight);
  }
  const bool normalize = router == model::Router::top_then_softmax || (config.normalize && router != model::Router::sigmoid_input);
  for (auto& [expert, weight] : visits) weight *= static_cast<double>(config.factor) / (normalize ? sum : 1);
  return visits;
}

}  // namespace ingot::test
