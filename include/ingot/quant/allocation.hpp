// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/allocation.hpp: one choice of several for each item, of the least total cost within a number of bytes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <ingot/core/checked.hpp>

namespace ingot::quant {

/// One way to store an item.
struct StorageChoice {
  std::uint64_t bytes = 0;
  double cost = 0;
};

/// Chooses for each item an index into its choices: all start at their smallest, and steps along the lower convex hulls of (bytes, cost)
/// are taken in the order of what a byte gains, as long as they fit. That is the minimum of cost + lambda * bytes for some lambda, and
/// what is left over then goes to later steps. Nothing when the smallest choices take more than `budget`. Every item has a choice.
[[nodiscard]] inline std::optional<std::vector<std::size_t>> allocate(std::span<const std::vector<StorageChoice>> items,
                                                                      std::uint64_t budget) {
  struct Step {
    double gain;  // cost less for each byte more
    std::size_t item, to;
  };
  std::vector<std::size_t> chosen(items.size());
  std::vector<Step> steps;
  std::uint64_t used = 0;
  for (std::size_t item = 0; item < items.size(); ++item) {
    const std::vector<StorageChoice>& choices = items[item];
    std::size_t at = 0;
    for (std::size_t i = 1; i < choices.size(); ++i)
      if (choices[i].bytes < choices[at].bytes || (choices[i].bytes == choices[at].bytes && choices[i].cost < choices[at].cost)) at = i;
    chosen[item] = at;
    const auto sum = checked_add(used, choices[at].bytes);
    if (!sum || *sum > budget) return std::nullopt;
    used = *sum;
    for (;;) {  // the steepest way down from here
      std::optional<Step> best;
      for (std::size_t i = 0; i < choices.size(); ++i) {
        if (choices[i].bytes <= choices[at].bytes || !(choices[i].cost < choices[at].cost)) continue;
        const double gain = (choices[at].cost - choices[i].cost) / static_cast<double>(choices[i].bytes - choices[at].bytes);
        if (!best || gain > best->gain || (gain == best->gain && choices[i].bytes > choices[best->to].bytes)) best = Step{gain, item, i};
      }
      if (!best) break;
      steps.push_back(*best);
      at = best->to;
    }
  }
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.gain > b.gain; });
  std::vector<bool> stuck(items.size());  // a step did not fit: those behind it take off from there
  for (const Step& step : steps) {
    const std::uint64_t more = items[step.item][step.to].bytes - items[step.item][chosen[step.item]].bytes;
    if (stuck[step.item] || more > budget - used) {
      stuck[step.item] = true;
      continue;
    }
    used += more;
    chosen[step.item] = step.to;
  }
  return chosen;
}

}  // namespace ingot::quant
