// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/family.hpp: what differs between families' graphs, as one value that the decoder takes as an argument.

#include <cstdint>

namespace ingot::model {

/// RMS norm of each query and key head.
enum class QkNorm : std::uint8_t {
  none,
  before_rope,  ///< weighted, over head_dim, before the rotation (Qwen3)
};

/// The traits of a family that change its graph. All that is a number or a list lives in Config; biases, tied heads and
/// windows are read from the checkpoint, since members of one family differ in them.
struct Family {
  QkNorm qk_norm = QkNorm::none;
};

}  // namespace ingot::model
