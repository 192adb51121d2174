// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/finite_weights.hpp: NaN and infinities among a checkpoint's weights are found before work on them begins.

#include <cstdint>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/open_checkpoint.hpp>

namespace ingot::model {

/// Decodes all weights that the model binds, once, and looks for values that are not finite. With `clamps`, tensors that have some are
/// marked (TensorInfo::clamped) and `note` is told of each; else the first is an Error. Packing finds them too, but a calibration may have
/// run for an hour by then. threads: 0, as many as this process may use. Errors: damaged (with the tensor and its first such row),
/// cancelled, those of decoding. Compiled in ingot::runtime.
[[nodiscard]] Status check_finite(ModelCheckpoint& opened, bool clamps, const NoteSink& note, std::uint32_t threads = 0,
                                  const Cancellation* cancellation = nullptr);

}  // namespace ingot::model
