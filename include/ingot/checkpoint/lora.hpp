// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora.hpp: a PEFT adapter merged into a checkpoint's tensors, as they are decoded.

#include <filesystem>

#include <ingot/checkpoint/source.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// Changes the tensors of `base`, as its files name them, by the adapter in `directory` (adapter_config.json and
/// adapter_model.safetensors): matrices, embeddings and experts by their factors (LoraValues), biases by theirs, whole tensors that
/// were trained instead (`modules_to_save`) by their values. Nothing is decoded here. What a layer uses that is tied to a changed one stays
/// as it was, as the adapter was trained so; the head then gets a tensor of its own. `split`: refuses what is no product of two factors. A
/// module that the base calls otherwise is found by the end of its name, and `note` is told. Errors name the adapter's tensor: not_found,
/// disk, damaged (not of this base: modules or shapes; a factor without the other; values that are not finite), unsupported (other
/// adapters; pickled ones). Compiled in ingot::runtime.
[[nodiscard]] Status merge_lora(Checkpoint& base, const std::filesystem::path& directory, bool split = false, const NoteSink& note = {});

}  // namespace ingot::checkpoint
