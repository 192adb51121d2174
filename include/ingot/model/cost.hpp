// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/cost.hpp: the bounds that a step's time is compared with.

#include <cstdint>

namespace ingot::model {

/// What a step must read and multiply at least.
struct Cost {
  std::uint64_t weight_bytes = 0;  ///< of all matrices that a token visits, with their scales, the head included, the embedding rows not
  std::uint64_t layer_macs = 0;    ///< multiply-adds of the layers' matrices for one row
  std::uint64_t head_macs = 0;     ///< of the head for one row
};

}  // namespace ingot::model
