// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/split_lora.hpp: an adapter beside the package of its base.

#include <cstddef>
#include <string_view>

#include <ingot/core/result.hpp>
#include <ingot/model/open_checkpoint.hpp>
#include <ingot/quant/package_writer.hpp>

namespace ingot::model {

/// The adapter's file in a package: for each changed matrix of the model, by its canonical name, `NAME.lora_A` F32 [rank, columns] and
/// `NAME.lora_B` F32 [rows, rank], the scale of the adapter in the latter: W' = W + B A. The metadata has `ingot.lora`, the version of
/// this form, `ingot.family`, and `ingot.source.FILE`, the SHA-256 of each file of base and adapter.
inline constexpr std::string_view lora_file = "lora.safetensors", lora_version = "1";

/// Writes the adapter of `adapted`, opened with Overlays::split, to `writer`; the number of matrices. Memory: the factors of one. Errors:
/// unsupported (changes that are no product of two factors, a model that uses none of what changed), disk. Compiled in ingot::runtime.
[[nodiscard]] Result<std::size_t> split_lora(const ModelCheckpoint& adapted, quant::PackageWriter& writer);

}  // namespace ingot::model
