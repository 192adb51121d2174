// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/input_rounding.hpp: what a row of activations becomes when it is stored as int8 with one scale a block.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <ingot/quant/codec.hpp>

namespace ingot::quant {

/// Replaces x by what the kernels store of it: codes from -127 to 127 times their block's scale, max|x| / 127.
inline void round_inputs(std::span<float> x, std::size_t block) noexcept {
  for (std::size_t begin = 0; begin < x.size(); begin += block) {
    const std::span<float> part = x.subspan(begin, std::min(block, x.size() - begin));
    float largest = 0;
    for (const float value : part) largest = std::max(largest, std::abs(value));
    if (!(largest > 1e-30f)) continue;  // where 127 / largest may overflow
    const float factor = 127 / largest, scale = largest / 127;
    for (float& value : part) value = detail::round_to_even(value * factor) * scale;
  }
}

}  // namespace ingot::quant
