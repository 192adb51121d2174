// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/source.hpp: one way to open whatever holds a model's weights: a directory or a GGUF file.

#include <filesystem>
#include <optional>
#include <string>

#include <ingot/checkpoint/gguf_metadata.hpp>
#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// A model as it was published. Tensors carry Hugging Face names whatever the file format.
struct Checkpoint {
  TensorIndex tensors;
  std::string config_json;                            ///< config.json, or its equivalent from GGUF metadata
  std::optional<std::string> generation_config_json;  ///< generation_config.json, if there is one
  std::optional<GgufMetadata> gguf;                   ///< of a GGUF file: vocabulary and template; views into `tensors`
  std::filesystem::path directory;                    ///< where tokenizer files are looked for
};

/// `path` is a directory with config.json and safetensors, its config.json, or a GGUF file (or a directory with just one).
/// Errors: not_found, disk, damaged, unsupported. Compiled in ingot::runtime.
[[nodiscard]] Result<Checkpoint> open(const std::filesystem::path& path);

}  // namespace ingot::checkpoint
