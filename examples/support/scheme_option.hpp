// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/scheme_option.hpp: bits, block and symmetry, as options name them, to the scheme that stores weights so.

#include <cstdint>
#include <limits>
#include <set>
#include <string>

#include <ingot/core/result.hpp>
#include <ingot/quant/mask.hpp>
#include <ingot/quant/visit.hpp>

namespace program {

/// The 2:4 scheme of the same bits and blocks, symmetric. Errors: unsupported (there is none).
[[nodiscard]] inline ingot::Result<ingot::Scheme> sparse_option(const ingot::Scheme& dense) {
  const ingot::Scheme sparse = ingot::quant::sparse_scheme(dense);
  if (dense.is_integer() && ingot::quant::is_shipped(sparse)) return sparse;
  return ingot::Error{ingot::ErrorCode::unsupported,
                      "no 2:4 kernels for the scheme " + to_string(dense),
                      {},
                      "4 or 8 bits in blocks of 32, 64, 128, 256 or whole rows (0) can be sparse"};
}

/// 16 and 32 bits have no block. Errors: unsupported (with what there is).
[[nodiscard]] inline ingot::Result<ingot::Scheme> scheme_option(int bits, int block, bool symmetric, int scale_bits = 16) {
  namespace quant = ingot::quant;
  if (bits == 32) return quant::f32;
  if (bits == 16) return quant::bf16;
  if (bits > 0 && bits < 32 && block >= 0 && block <= std::numeric_limits<std::uint16_t>::max()) {
    const ingot::Scheme wanted{.bits = static_cast<std::uint8_t>(bits),
                               .group = static_cast<std::uint16_t>(block),
                               .zero = symmetric ? ingot::Zero::none : ingot::Zero::min,
                               .scale = scale_bits == 32 ? quant::Scale::single : quant::Scale::half};
    if (quant::is_shipped(wanted)) return wanted;
  }
  std::set<int> widths, blocks;
  for (const ingot::Scheme& scheme : quant::shipped) {
    widths.insert(scheme.bits);
    if (scheme.scale == quant::Scale::half && scheme.is_integer()) blocks.insert(scheme.group);
  }
  const auto list = [](const std::set<int>& values) {
    std::string text;
    for (const int value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
    return text;
  };
  return ingot::Error{ingot::ErrorCode::unsupported,
                      "no kernels for " + std::to_string(bits) + " bits in blocks of " + std::to_string(block),
                      {},
                      "bits: " + list(widths) + "; blocks: " + list(blocks) + " (0: a whole row)"};
}

}  // namespace program
