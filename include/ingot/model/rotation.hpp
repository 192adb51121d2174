// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/rotation.hpp: the residual stream in another basis, which has no outliers: the same model, easier to round.

#include <cstdint>

#include <ingot/core/result.hpp>
#include <ingot/model/open_checkpoint.hpp>

namespace ingot::model {

/// The checkpoint with its residual stream turned by a random rotation Q (quant/random_rotation.hpp): with x' = x Q, what writes the
/// stream is W' = QT W, what reads it W' = W diag(norm) Q, the norms become ones, the embedding E Q and the head H diag(norm) Q. A tied
/// head becomes a matrix of its own, as only it takes in the last norm. Rows are turned as they are decoded; memory is one matrix in
/// float32. Keeps the files of `opened`. Errors: unsupported where that is no identity: norms that subtract the mean or stand behind
/// blocks, positions added to the stream, encoders; damaged (the tensors). Compiled in ingot::runtime.
[[nodiscard]] Result<ModelCheckpoint> rotated(ModelCheckpoint opened, std::uint64_t seed);

}  // namespace ingot::model
