// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/open_checkpoint.hpp: a checkpoint as its family's decoder wants it.

#include <filesystem>

#include <ingot/checkpoint/overlays.hpp>
#include <ingot/checkpoint/source.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/config.hpp>

namespace ingot::model {

/// A checkpoint whose tensors have canonical names (families/list.hpp), and its config.
struct ModelCheckpoint {
  checkpoint::Checkpoint files;
  Config config;
};

/// Opens a checkpoint directory or a GGUF file as its family wants it. A model_type that no family has is taken for Llama's when
/// every tensor is there, and `note` is told. `overlays` change its tensors before. Errors: not_found, disk, damaged, unsupported (for
/// such a model with what it lacks), those of overlay(). Compiled in ingot::runtime.
[[nodiscard]] Result<ModelCheckpoint> open_checkpoint(const std::filesystem::path& path, const NoteSink& note = {},
                                                      const checkpoint::Overlays& overlays = {});

}  // namespace ingot::model
