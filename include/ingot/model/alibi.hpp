// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/alibi.hpp: attention with linear biases: the slopes of the heads.

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace ingot::model {

/// Slopes by which distances are subtracted from products (arXiv 2108.12409, section 3): 2^(-8k/n) for k = 1 .. n where n is a power
/// of two; further heads take every other slope of twice as many, as the paper's code does.
[[nodiscard]] inline std::vector<float> alibi_slopes(std::uint32_t heads) {
  const std::uint32_t power = std::bit_floor(heads);
  std::vector<float> slopes;
  const auto slope = [](double k, double n) { return static_cast<float>(std::exp2(-8.0 * k / n)); };
  for (std::uint32_t k = 1; k <= power; ++k) slopes.push_back(slope(k, power));
  for (std::uint32_t k = 1; slopes.size() < heads; k += 2) slopes.push_back(slope(k, 2.0 * power));
  return slopes;
}

}  // namespace ingot::model
