// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora_definitions.hpp: merging adapters; ingot::runtime compiles it, once.

#include <filesystem>
#include <iterator>
#include <string>
#include <utility>

#include <ingot/checkpoint/lora.hpp>
#include <ingot/checkpoint/lora_config.hpp>
#include <ingot/checkpoint/lora_merger.hpp>
#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/core/config_file.hpp>

namespace ingot::checkpoint {

Status merge_lora(Checkpoint& base, const std::filesystem::path& directory, bool split, const NoteSink& note) {
  const auto config_path = directory / "adapter_config.json", weights = directory / "adapter_model.safetensors";
  if (!is_file(config_path))
    return Error{ErrorCode::not_found, "no adapter: adapter_config.json is missing", directory.string(),
                 "name the directory that PEFT saved"};
  if (!is_file(weights) && is_file(directory / "adapter_model.bin"))
    return Error{ErrorCode::unsupported, "a pickled adapter", directory.string(), "save it as safetensors"};
  INGOT_TRY(const std::string text, read_config_file(config_path));
  INGOT_TRY(const auto document, json::Document::parse(text, config_path.string()));
  INGOT_TRY(const LoraConfig config, read_lora_config(document.root()));
  INGOT_TRY(auto adapter, open_safetensors(weights));
  if (adapter.tensors.size() == 0)
    return Error{ErrorCode::damaged, "an adapter without tensors", weights.string(), "it was not saved whole"};

  INGOT_TRY(const auto model, json::Document::parse(base.config_json, "config.json"));
  INGOT_TRY(const auto model_type, model.root().get<std::string>("model_type", ""));
  LoraMerger merger{base.tensors, config, model_type == "gpt_oss" || model_type.starts_with("llama4"), split};
  for (const TensorInfo& tensor : adapter.tensors) INGOT_CHECK(merger.add(tensor));
  INGOT_TRY(auto changed, merger.changed());
  if (note && !merger.renamed().empty()) note(merger.renamed());

  auto [files, tensors] = std::move(base.tensors).release();
  for (TensorInfo& tensor : tensors)
    if (const auto found = changed.find(tensor.name); found != changed.end()) {
      tensor = std::move(found->second);
      changed.erase(found);
    }
  for (auto& [name, tensor] : changed) tensors.push_back(std::move(tensor));
  auto adapter_files = std::move(adapter.tensors).release().first;
  std::move(adapter_files.begin(), adapter_files.end(), std::back_inserter(files));
  INGOT_TRY(base.tensors, TensorIndex::create(std::move(files), std::move(tensors)));
  return {};
}

}  // namespace ingot::checkpoint
