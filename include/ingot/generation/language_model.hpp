// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/language_model.hpp: a model with its tokenizer, chat template, settings and end tokens.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/overlays.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/text_assets.hpp>
#include <ingot/generation/settings.hpp>
#include <ingot/model/model.hpp>
#include <ingot/text/chat_template.hpp>

namespace ingot::generation {

/// What a program needs to talk: text in, tokens through the model, text out. Move-only.
struct LanguageModel {
  std::unique_ptr<model::Model> model;
  TextAssets text;
  std::optional<text::ChatTemplate> chat_template;  ///< its own or its family's; nothing: prompts are the contents of the messages
  Settings settings;
  std::vector<std::int32_t> end_tokens;  ///< any of them ends an answer

  [[nodiscard]] bool ends(std::int32_t token) const noexcept {
    return std::find(end_tokens.begin(), end_tokens.end(), token) != end_tokens.end();
  }

  /// The prompt that asks for the next answer. Templates write BOS themselves; without one the tokenizer adds it.
  /// Errors: what the template raises, those of encoding.
  [[nodiscard]] Result<std::vector<std::int32_t>> prompt_tokens(std::span<const text::Message> messages) const;

  /// What a template is rendered with.
  [[nodiscard]] text::Conversation conversation(std::span<const text::Message> messages, bool add_generation_prompt) const;
};

/// How open() opens.
struct OpenOptions {
  std::vector<std::string> settings = {};  ///< JSON objects with keys of config.json, applied over the model's own, in order
  std::string isa = {};                    ///< name of an instruction set; empty: the best one here
  NoteSink note = {};                      ///< settings that have no effect, a chat template that stands in
  std::filesystem::path tokenizer = {};    ///< where it is; empty: where the model is
  bool float_weights = false;              ///< decode every weight to float32: the reference mode
  checkpoint::Overlays overlays = {};      ///< of a checkpoint: adapters and codes put into it
};

/// Opens a package, a checkpoint directory or a GGUF file for text. Errors: as model::open() and open_text(), and those of settings.
/// Compiled in ingot::runtime, as prompt_tokens() is.
Result<LanguageModel> open(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace ingot::generation

namespace ingot {
using generation::LanguageModel;
using generation::open;
}  // namespace ingot
