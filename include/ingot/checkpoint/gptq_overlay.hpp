// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/gptq_overlay.hpp: the quantized matrices of a GPTQ checkpoint in place of a float one's.

#include <filesystem>

#include <ingot/checkpoint/source.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// Replaces each matrix of `base` that the checkpoint in `directory` holds as GPTQ's codes (AutoGPTQ, GPTQModel, or compressed-tensors),
/// zero points and column orders included; all other tensors stay those of `base`. Errors: those of open() for `directory`; damaged (a
/// matrix that `base` lacks or has in another shape), unsupported (another quantization, none).
/// Compiled in ingot::runtime.
[[nodiscard]] Status overlay_gptq(Checkpoint& base, const std::filesystem::path& directory, const NoteSink& note = {});

}  // namespace ingot::checkpoint
