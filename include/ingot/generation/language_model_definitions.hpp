// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/language_model_definitions.hpp: opening a model for text; ingot::runtime compiles it, once.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/config_file.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/generation/default_chat.hpp>
#include <ingot/generation/language_model.hpp>
#include <ingot/generation/read_text.hpp>
#include <ingot/generation/recommended.hpp>
#include <ingot/model/open.hpp>
#include <ingot/model/open_checkpoint.hpp>
#include <ingot/model/package_directory.hpp>

namespace ingot::generation {

Result<TextAssets> open_text(const std::filesystem::path& path) { return read_text(path); }

Result<std::vector<std::int32_t>> LanguageModel::prompt_tokens(std::span<const text::Message> messages) const {
  if (!chat_template || !settings.use_template) {
    std::string plain;
    for (const text::Message& message : messages) plain += message.content;
    return text.tokenizer.encode(plain, true);
  }
  INGOT_TRY(const std::string prompt, chat_template->render(conversation(messages, true)));
  return text.tokenizer.encode(prompt, false);
}

text::Conversation LanguageModel::conversation(std::span<const text::Message> messages, bool add_generation_prompt) const {
  text::Conversation c;
  c.messages.assign(messages.begin(), messages.end());
  if (text.tokenizer.bos()) c.bos_token = std::string{text.bos_token()};
  if (text.tokenizer.eos()) c.eos_token = std::string{text.eos_token()};
  c.add_generation_prompt = add_generation_prompt;
  return c;
}

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

Result<LanguageModel> open(const std::filesystem::path& path, const OpenOptions& options) {
  auto assets = open_text(options.tokenizer.empty() ? path : options.tokenizer);
  const auto package = model::package_directory(path);
  Settings settings;
  if (package) {
    INGOT_TRY(const auto document,
              json::Document::parse(detail::read_if_there(*package / "config.json"), (*package / "config.json").string()));
    INGOT_CHECK(apply(document.root(), settings, options.note));
  } else {
    const auto directory = config_directory(path);
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
  const model::Options model_options{.threads = settings.threads,
                                     .positions = settings.max_all_tokens,
                                     .kv = options.float_weights ? quant::f32 : settings.kv,
                                     .float_weights = options.float_weights,
                                     .isa = options.isa,
                                     .note = options.note};
  const auto open_model = [&]() -> Result<std::unique_ptr<model::Model>> {
    if (package) return model::open(path, model_options);
    INGOT_TRY(auto checkpoint, model::open_checkpoint(path, options.note, options.overlays));
    auto made = model::open(std::move(checkpoint), model_options);
    if (!made) return std::move(made).error().in(path.string());
    return made;
  };
  INGOT_TRY(auto opened, open_model());
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
