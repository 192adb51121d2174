// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/default_chat.hpp: the chat template of a model that comes without one, by what the model is.

#include <filesystem>
#include <string>
#include <system_error>

#include <ingot/checkpoint/gguf.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/text_assets.hpp>
#include <ingot/text/default_templates.hpp>

namespace ingot::generation {

/// What a model says it is, as far as it does.
struct ModelOrigin {
  std::string model_type;  ///< config.json's, or the architecture of a GGUF file
  std::string name;        ///< of the directory, or what a GGUF file is called
};

/// Of a package, a checkpoint directory, a file in one, or a GGUF file. Never fails: what cannot be read says nothing.
[[nodiscard]] inline ModelOrigin model_origin(const std::filesystem::path& path) {
  ModelOrigin origin;
  std::error_code ignored;
  const bool is_directory = std::filesystem::is_directory(path, ignored);
  const auto directory = is_directory ? path : path.parent_path();
  origin.name = std::filesystem::weakly_canonical(directory, ignored).filename().string();
  for (const std::string_view file_name : {"llm_config.json", "config.json"}) {
    if (!is_file(directory / file_name)) continue;
    const auto file = MappedFile::open(directory / file_name);
    if (!file) continue;
    const auto document = json::Document::parse(file->text(), (directory / file_name).string());
    if (!document || !document->root().is_object()) continue;
    if (auto type = document->root().get<std::string>("model_type", ""); type && origin.model_type.empty())
      origin.model_type = *std::move(type);
  }
  if (is_directory || path.extension() != ".gguf") return origin;
  if (const auto gguf = checkpoint::open_gguf(path)) {
    if (auto type = gguf->metadata.get<std::string>("general.architecture", "")) origin.model_type = *std::move(type);
    if (auto name = gguf->metadata.get<std::string>("general.name", ""); name && !name->empty()) origin.name = *std::move(name);
  }
  return origin;
}

/// The template that stands in for a missing one, or null.
[[nodiscard]] inline const text::DefaultTemplate* default_chat_template(const TextAssets& assets, const std::filesystem::path& path) {
  const ModelOrigin origin = model_origin(path);
  return text::choose_default_template(origin.model_type, origin.name,
                                       [&](std::string_view token) { return assets.tokenizer.id_of(token).has_value(); });
}

/// What a program tells its user about that.
[[nodiscard]] inline std::string default_template_note(const text::DefaultTemplate& chosen) {
  return "the model has no chat template; its family's usual format is used: " + std::string{chosen.name};
}

}  // namespace ingot::generation
