// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/foreign_cache.hpp: copies that ModelScope's and MLC's clients made, and copies without records: used where
              // they are.

#include <filesystem>
#include <optional>
#include <vector>

#include <ingot/acquire/environment.hpp>
#include <ingot/acquire/reference.hpp>
#include <ingot/acquire/snapshot.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Where other clients of the reference's hub may have put the repository; only directories that exist.
/// model_scope: $MODELSCOPE_CACHE (~/.cache/modelscope)/models/OWNER--NAME/snapshots/REVISION, then the old layouts models/OWNER/NAME and
/// hub/models/OWNER/NAME, where NAME has ___ for a dot. mlc: PATH/hf/OWNER/NAME for each PATH of MLC_LLM_READONLY_WEIGHT_CACHE, then
/// model_weights/hf/OWNER/NAME below MLC_LLM_HOME, $XDG_CACHE_HOME/mlc_llm or ~/.cache/mlc_llm.
[[nodiscard]] std::vector<std::filesystem::path> foreign_directories(const Reference& reference, const Environment& environment);

/// The files of a directory that proves itself complete, without a record of the hub: an MLC model whose manifest's shards are all there in
/// their sizes; a config.json with a safetensors index whose shards are all there and end where their headers say, or with one such
/// file model.safetensors. Nothing when it does not. Errors: disk.
[[nodiscard]] Result<std::optional<Snapshot>> prove_complete(const std::filesystem::path& directory);

/// The first of `snapshot` (a cache's, may be empty) and the foreign directories that proves itself complete.
[[nodiscard]] Result<std::optional<Snapshot>> find_proven(const Reference& reference, const std::filesystem::path& snapshot,
                                                          const Environment& environment);

}  // namespace ingot::acquire
