// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/open.hpp: from a path to a running model.

#include <filesystem>
#include <memory>

#include <ingot/core/result.hpp>
#include <ingot/model/model.hpp>

namespace ingot::model {

struct ModelCheckpoint;

/// Opens a package, a checkpoint directory or a GGUF file of any family that this library has (open_families.hpp: of others, too).
/// Errors: not_found, disk, damaged, unsupported; usage (no such ISA here). Compiled in ingot::runtime.
[[nodiscard]] Result<std::unique_ptr<Model>> open(const std::filesystem::path& path, const Options& options);
/// The same of a checkpoint that is open already, with what overlays it. Errors: damaged, unsupported, usage.
[[nodiscard]] Result<std::unique_ptr<Model>> open(ModelCheckpoint opened, const Options& options);

}  // namespace ingot::model
