// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/calibrate_ranges.hpp: ranges of what goes into each matrix while a text is read.

#include <cstdint>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/onnx/activation_ranges.hpp>
#include <ingot/model/open_checkpoint.hpp>

namespace ingot::model::onnx {

/// Reads `text` in float32 and notes the smallest and the largest input of every matrix, by its name. Experts that no token visits have
/// none. Errors: as calibrate(); damaged (an input that is not finite). Compiled in ingot::runtime.
[[nodiscard]] Result<ActivationRanges> calibrate_ranges(const ModelCheckpoint& opened, const CalibrationText& text, std::uint32_t threads,
                                                        const Cancellation* cancellation = nullptr);

}  // namespace ingot::model::onnx
