// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/input_rounding.hpp: what is lost when a row of activations becomes int8 with one scale a block.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <ingot/quant/codec.hpp>

namespace ingot::quant {

/// lost[i] = x[i] less what it is as a code from -127 to 127 times its block's scale max|x| / 127, as the kernels store it.
inline void input_rounding(std::span<const float> x, std::size_t block, std::span<float> lost) noexcept {
  for (std::size_t begin = 0; begin < x.size(); begin += block) {
    const std::size_t end = std::min(begin + block, x.size());
    float largest = 0;
    for (std::size_t i = begin; i < end; ++i) largest = std::max(largest, std::abs(x[i]));
    const float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
    for (std::size_t i = begin; i < end; ++i) lost[i] = x[i] - scale * detail::round_to_even(x[i] * inverse);
  }
}

}  // namespace ingot::quant
