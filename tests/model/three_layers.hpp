// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/three_layers.hpp: a config of three small layers of odd extents, and batches for it.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <ingot/model/batch.hpp>
#include <ingot/model/config.hpp>

namespace ingot::test {

inline model::Config three_layers() {
  model::Config config;
  config.shape = {.hidden = 40, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 24, .intermediate = 70, .vocabulary = 100};
  config.layers.resize(config.shape.layers);
  return config;
}

/// `rows` rows of one sequence, the first at `position`.
inline model::Batch batch_of(model::SequenceId sequence, std::uint32_t position, std::size_t rows) {
  model::Batch batch;
  batch.add(sequence, position, std::vector<std::int32_t>(rows, 1), model::Batch::Logits::none);
  return batch;
}

}  // namespace ingot::test
