// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/source_definitions.hpp: opening directories and GGUF files; ingot::runtime compiles it, once.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/checkpoint/gguf_config.hpp>
#include <ingot/checkpoint/quantization_config.hpp>
#include <ingot/checkpoint/quantized_tensors.hpp>
#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/checkpoint/source.hpp>
#include <ingot/core/config_file.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::checkpoint {

namespace detail {

/// Files of `directory` with this extension, sorted.
inline std::vector<std::filesystem::path> files_with(const std::filesystem::path& directory, std::string_view extension) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == extension && is_file(entry->path())) files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

inline Result<Safetensors> open_directory_tensors(const std::filesystem::path& directory) {
  if (const auto index = directory / "model.safetensors.index.json"; is_file(index)) return open_sharded_safetensors(index);
  if (const auto single = directory / "model.safetensors"; is_file(single)) return open_safetensors(single);
  const auto others = files_with(directory, ".safetensors");
  if (others.size() == 1) return open_safetensors(others.front());
  if (!others.empty())
    return Error{ErrorCode::not_found, "several safetensors files and no model.safetensors.index.json", directory.string(),
                 "download the index, too"};
  if (!files_with(directory, ".bin").empty() || !files_with(directory, ".pth").empty())
    return Error{ErrorCode::unsupported, "pickled PyTorch weights", directory.string(), "get the revision with safetensors"};
  return Error{ErrorCode::not_found, "no weights", directory.string(), "expected model.safetensors or model.safetensors.index.json"};
}

/// What config.json says of the weights' codes, or AutoGPTQ's file beside it.
inline Result<QuantizationConfig> open_quantization_config(const std::filesystem::path& directory, const json::Value& root) {
  INGOT_TRY(auto config, read_quantization_config(root));
  const auto beside = directory / "quantize_config.json";
  if (config.method != QuantizationConfig::Method::none || !is_file(beside)) return config;
  INGOT_TRY(const std::string text, read_config_file(beside));
  INGOT_TRY(const auto document, json::Document::parse(text, beside.string()));
  return read_quantization_method(document.root(), "gptq");
}

/// A GGUF file. Errors: as open_gguf(); unsupported (architecture).
inline Result<Checkpoint> open_gguf_checkpoint(const std::filesystem::path& path) {
  INGOT_TRY(auto gguf, open_gguf(path));
  INGOT_TRY(const auto parts, gguf.metadata.get<std::uint32_t>("split.count", 1));
  if (parts > 1)
    return Error{ErrorCode::unsupported, "GGUF split into " + std::to_string(parts) + " files", path.string(), "merge them into one file"};
  Checkpoint checkpoint;
  INGOT_TRY(checkpoint.config_json, gguf_config_json(gguf));
  INGOT_TRY(checkpoint.generation_config_json, gguf_generation_config_json(gguf.metadata));
  INGOT_TRY(checkpoint.tensors, with_hugging_face_names(std::move(gguf.tensors), gguf.metadata));
  checkpoint.gguf = std::move(gguf.metadata);
  checkpoint.directory = path.parent_path();
  return checkpoint;
}

}  // namespace detail

Result<Checkpoint> open(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return Error{ErrorCode::not_found, "no such checkpoint", path.string(), "check the path"};
  if (!std::filesystem::is_directory(status)) {
    if (path.filename() == "config.json") return open(config_directory(path));
    if (path.extension() == ".safetensors")
      return Error{ErrorCode::unsupported, "weights alone are no model", path.string(), "name the directory that holds config.json"};
    return detail::open_gguf_checkpoint(path);
  }
  if (!is_file(path / "config.json"))
    if (const auto ggufs = detail::files_with(path, ".gguf"); ggufs.size() == 1) return detail::open_gguf_checkpoint(ggufs.front());

  Checkpoint checkpoint;
  checkpoint.directory = path;
  INGOT_TRY(checkpoint.config_json, read_config_file(path / "config.json"));
  INGOT_TRY(const auto config, json::Document::parse(checkpoint.config_json, (path / "config.json").string()));
  INGOT_TRY(const auto quantization, detail::open_quantization_config(path, config.root()));
  if (const auto generation = path / "generation_config.json"; is_file(generation)) {
    INGOT_TRY(checkpoint.generation_config_json, read_config_file(generation));
  }
  INGOT_TRY(auto safetensors, detail::open_directory_tensors(path));
  INGOT_TRY(checkpoint.tensors, put_together(std::move(safetensors.tensors), quantization));
  return checkpoint;
}

}  // namespace ingot::checkpoint
