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

#include <ingot/core/json.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/generation/default_chat.hpp>
#include <ingot/generation/open_text.hpp>
#include <ingot/generation/recommended.hpp>
#include <ingot/generation/settings.hpp>
#include <ingot/model/open.hpp>
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
  [[nodiscard]] Result<std::vector<std::int32_t>> prompt_tokens(std::span<const text::Message> messages) const {
    if (!chat_template || !settings.use_template) {
      std::string plain;
      for (const text::Message& message : messages) plain += message.content;
      return text.tokenizer.encode(plain, true);
    }
    INGOT_TRY(const std::string prompt, chat_template->render(conversation(messages, true)));
    return text.tokenizer.encode(prompt, false);
  }

  [[nodiscard]] text::Conversation conversation(std::span<const text::Message> messages, bool add_generation_prompt) const {
    text::Conversation c;
    c.messages.assign(messages.begin(), messages.end());
    if (text.tokenizer.bos()) c.bos_token = std::string{text.bos_token()};
    if (text.tokenizer.eos()) c.eos_token = std::string{text.eos_token()};
    c.add_generation_prompt = add_generation_prompt;
    return c;
  }
};

/// How open() opens.
struct OpenOptions {
  std::vector<std::string> settings = {};  ///< JSON objects with keys of config.json, applied over the model's own, in order
  std::string isa = {};                    ///< name of an instruction set; empty: the best one here
  NoteSink note = {};                      ///< settings that have no effect, a chat template that stands in
};

namespace detail {

/// The special token that a template writes behind an assistant's message: the model was trained to end its turns with it.
inline std::optional<std::int32_t> turn_end(const LanguageModel& m) {
  constexpr std::string_view answer = "an answer without markup";
  const std::vector<text::Message> messages{{"user", "a question"}, {"assistant", std::string{answer}}};
  const auto rendered = m.chat_template->render(m.conversation(messages, false));
  if (!rendered) return std::nullopt;  // a template may insist on other messages; the configured end tokens remain
  const std::size_t at = rendered->rfind(answer);
  if (at == std::string::npos) return std::nullopt;
  const auto rest = m.text.tokenizer.encode(std::string_view{*rendered}.substr(at + answer.size()), false);
  if (!rest || rest->empty() || !m.text.tokenizer.is_special(rest->front())) return std::nullopt;
  return rest->front();
}

/// The text of a small JSON file; an empty object where there is none.
inline std::string read_if_there(const std::filesystem::path& path) {
  const auto file = is_file(path) ? MappedFile::open(path) : Result<MappedFile>{Error{}};
  return file ? std::string{file->text()} : std::string{"{}"};
}

}  // namespace detail

/// Opens a package, a checkpoint directory or a GGUF file for text. Errors: as model::open() and open_text(), and those of settings.
inline Result<LanguageModel> open(const std::filesystem::path& path, const OpenOptions& options = {}) {
  auto assets = open_text(path);
  const auto package = model::package_directory(path);
  Settings settings;
  if (package) {
    INGOT_TRY(const auto document,
              json::Document::parse(detail::read_if_there(*package / "config.json"), (*package / "config.json").string()));
    INGOT_CHECK(apply(document.root(), settings, options.note));
  } else {
    const auto directory = path.filename() == "config.json" ? path.parent_path() : path;
    INGOT_TRY(settings, recommended_settings(detail::read_if_there(directory / "generation_config.json"), Settings{}.max_all_tokens));
  }
  for (const std::string& overrides : options.settings) {
    INGOT_TRY(const auto document, json::Document::parse(overrides, "settings"));
    auto applied = apply(document.root(), settings, options.note);
    if (!applied) {
      applied.error().code = ErrorCode::usage;
      return std::move(applied).error();
    }
  }
  INGOT_TRY(auto opened,
            model::open(path, {.threads = settings.threads, .positions = settings.max_all_tokens, .kv = settings.kv, .isa = options.isa}));
  if (!assets) return std::move(assets).error();

  LanguageModel m{std::move(opened), *std::move(assets), {}, std::move(settings), {}};
  if (m.text.chat_template.empty()) {
    if (const auto* chosen = default_chat_template(m.text, path)) {
      m.text.chat_template = chosen->source();
      if (options.note) options.note(default_template_note(*chosen));
    }
  }
  if (!m.text.chat_template.empty()) {
    auto compiled = text::ChatTemplate::compile(m.text.chat_template, "chat_template.jinja");
    if (!compiled) return std::move(compiled).error().in(path.string());
    m.chat_template = *std::move(compiled);
  }
  m.end_tokens = m.model->config().eos;
  const auto add = [&](std::int32_t token) {
    if (!m.ends(token)) m.end_tokens.push_back(token);
  };
  for (const std::int32_t token : m.text.end_tokens) add(token);
  if (m.chat_template)
    if (const auto token = detail::turn_end(m)) add(*token);
  return m;
}

}  // namespace ingot::generation

namespace ingot {
using generation::LanguageModel;
using generation::open;
}  // namespace ingot
