// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/read_text.hpp: finds and reads the tokenizer and chat template of a package, a checkpoint or a GGUF file.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/checkpoint/gguf.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/text_assets.hpp>
#include <ingot/generation/vocabulary_file.hpp>
#include <ingot/text/tokenizer.hpp>
#include <ingot/text/tokenizer_json.hpp>
#include <ingot/text/vocabulary.hpp>

namespace ingot::generation {

namespace detail {

/// The template in a tokenizer_config.json or chat_template.json: a text, or a list of named ones of which "default" counts.
inline Result<std::string> template_in(const json::Value& config) {
  const auto value = config.find("chat_template");
  if (!value) return std::string{};
  if (!value->is_array()) return value->as<std::string>("chat_template");
  std::string chosen;
  INGOT_CHECK(value->each_element([&](const json::Value& item) -> Status {
    INGOT_TRY(const auto name, item.get<std::string_view>("name"));
    if (name != "default" && !chosen.empty()) return {};
    INGOT_TRY(chosen, item.get<std::string>("template"));
    return {};
  }));
  return chosen;
}

inline Result<std::string> template_in_file(const std::filesystem::path& path) {
  INGOT_TRY(const auto file, MappedFile::open(path));
  INGOT_TRY(const auto document, json::Document::parse(file.text(), path.string(), text::tokenizer_json::limits));
  return template_in(document.root());
}

/// The chat template beside a tokenizer: its own file, or within one of the JSON files; empty where there is none.
inline Result<std::string> find_template(const std::filesystem::path& directory) {
  if (const auto own = directory / "chat_template.jinja"; is_file(own)) {
    INGOT_TRY(const auto file, MappedFile::open(own));
    return std::string{file.text()};
  }
  for (const std::string_view name : {"chat_template.json", "tokenizer_config.json"}) {
    if (!is_file(directory / name)) continue;
    INGOT_TRY(std::string found, template_in_file(directory / name));
    if (!found.empty()) return found;
  }
  return std::string{};
}

inline Result<text::Tokenizer> open_image(const std::filesystem::path& path) {
  INGOT_TRY(auto file, MappedFile::open(path));
  auto owner = std::make_shared<MappedFile>(std::move(file));
  const auto bytes = owner->bytes();
  auto tokenizer = text::Tokenizer::open(bytes, std::move(owner));
  if (!tokenizer) return std::move(tokenizer).error().in(path.parent_path().string());
  return tokenizer;
}

inline Result<text::Tokenizer> open_tokenizer_json(const std::filesystem::path& path, const std::filesystem::path& config_path) {
  INGOT_TRY(const auto file, MappedFile::open(path));
  MappedFile config;
  if (is_file(config_path)) {
    INGOT_TRY(config, MappedFile::open(config_path));
  }
  auto definition = text::read_tokenizer_json(file.text(), config.text());
  if (!definition) return std::move(definition).error().in(path.parent_path().string());
  auto tokenizer = text::Tokenizer::create(*definition);
  if (!tokenizer) return std::move(tokenizer).error().in(path.string());
  return tokenizer;
}

inline void add_end(std::vector<std::int32_t>& ends, std::optional<std::int32_t> id) {
  if (id && std::find(ends.begin(), ends.end(), *id) == ends.end()) ends.push_back(*id);
}

/// A single file of a tokenizer, with what lies beside it.
inline Result<TextAssets> open_text_file(const std::filesystem::path& path) {
  const std::filesystem::path directory = path.parent_path();
  const bool is_image = path.extension() == ".bin", is_json = path.extension() == ".json" && path.filename() != "vocab.json";
  INGOT_TRY(auto tokenizer, is_image  ? open_image(path)
                            : is_json ? open_tokenizer_json(path, directory / "tokenizer_config.json")
                                      : open_vocabulary_file(path));
  INGOT_TRY(std::string chat_template, find_template(directory));
  TextAssets assets{std::move(tokenizer), std::move(chat_template), {}, {}};
  add_end(assets.end_tokens, assets.tokenizer.eos());
  for (const std::string_view name :
       {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt"})
    if (is_file(directory / name)) assets.originals.push_back(directory / name);
  if (!is_image && std::find(assets.originals.begin(), assets.originals.end(), path) == assets.originals.end())
    assets.originals.push_back(path);
  return assets;
}

}  // namespace detail

/// The vocabulary in a GGUF file's metadata; views of it. Errors: damaged (lists of other types).
[[nodiscard]] inline Result<text::Vocabulary> read_gguf_vocabulary(const checkpoint::GgufMetadata& metadata) {
  text::Vocabulary vocabulary;
  if (metadata.find("tokenizer.ggml.model") == nullptr)
    return Error{ErrorCode::not_found, "the GGUF file holds no tokenizer", metadata.file(), "take the tokenizer of the original model"};
  INGOT_TRY(vocabulary.model, metadata.get<std::string_view>("tokenizer.ggml.model"));
  INGOT_TRY(vocabulary.pre, metadata.get<std::string_view>("tokenizer.ggml.pre", ""));
  INGOT_TRY(vocabulary.name, metadata.get<std::string_view>("general.name", ""));
  INGOT_TRY(vocabulary.architecture, metadata.get<std::string_view>("general.architecture", ""));
  INGOT_TRY(const auto tokens, metadata.strings("tokenizer.ggml.tokens"));
  vocabulary.tokens.assign(tokens.begin(), tokens.end());
  if (metadata.find("tokenizer.ggml.merges") != nullptr) {
    INGOT_TRY(const auto merges, metadata.strings("tokenizer.ggml.merges"));
    vocabulary.merges.assign(merges.begin(), merges.end());
  }
  if (metadata.find("tokenizer.ggml.scores") != nullptr) {
    INGOT_TRY(vocabulary.scores, metadata.numbers<float>("tokenizer.ggml.scores"));
  }
  if (metadata.find("tokenizer.ggml.token_type") != nullptr) {
    INGOT_TRY(vocabulary.types, metadata.numbers<std::int32_t>("tokenizer.ggml.token_type"));
  }
  const auto id = [&](std::string_view key, std::optional<std::uint32_t>& value) -> Status {
    if (metadata.find(key) == nullptr) return {};
    INGOT_TRY(value, metadata.get<std::uint32_t>(key));
    return {};
  };
  const auto flag = [&](std::string_view key, std::optional<bool>& value) -> Status {
    if (metadata.find(key) == nullptr) return {};
    INGOT_TRY(value, metadata.get<bool>(key));
    return {};
  };
  INGOT_CHECK(id("tokenizer.ggml.bos_token_id", vocabulary.bos));
  INGOT_CHECK(id("tokenizer.ggml.eos_token_id", vocabulary.eos));
  INGOT_CHECK(id("tokenizer.ggml.unknown_token_id", vocabulary.unknown));
  INGOT_CHECK(id("tokenizer.ggml.cls_token_id", vocabulary.classifier));
  for (const std::string_view spelling : {"tokenizer.ggml.seperator_token_id", "tokenizer.ggml.separator_token_id"})
    INGOT_CHECK(id(spelling, vocabulary.separator));
  INGOT_CHECK(flag("tokenizer.ggml.add_bos_token", vocabulary.add_bos));
  INGOT_CHECK(flag("tokenizer.ggml.add_eos_token", vocabulary.add_eos));
  INGOT_CHECK(flag("tokenizer.ggml.add_space_prefix", vocabulary.add_space_prefix));
  INGOT_CHECK(flag("tokenizer.ggml.remove_extra_whitespaces", vocabulary.remove_extra_whitespaces));
  INGOT_CHECK(flag("tokenizer.ggml.normalizer.lowercase", vocabulary.lowercase));
  INGOT_CHECK(flag("tokenizer.ggml.normalizer.strip_accents", vocabulary.strip_accents));
  constexpr std::string_view charsmap = "tokenizer.ggml.precompiled_charsmap";
  if (const checkpoint::GgufValue* value = metadata.find(charsmap); value != nullptr) {
    const bool is_bytes = value->type == checkpoint::GgufType::array && checkpoint::fixed_size(value->element) == 1;
    if (!is_bytes) return Error{ErrorCode::damaged, "expected an array of bytes", std::string{charsmap}, {}};
    vocabulary.charsmap = {reinterpret_cast<const char*>(value->bytes.data()), value->bytes.size()};
  }
  return vocabulary;
}

/// Tokenizer and template from a GGUF file's metadata. Errors: not_found (no vocabulary), damaged, unsupported.
[[nodiscard]] inline Result<TextAssets> open_gguf_text(const checkpoint::GgufMetadata& metadata) {
  INGOT_TRY(const text::Vocabulary vocabulary, read_gguf_vocabulary(metadata));
  auto definition = text::read_vocabulary(vocabulary);
  if (!definition) return std::move(definition).error().in(metadata.file());
  auto tokenizer = text::Tokenizer::create(*definition);
  if (!tokenizer) return std::move(tokenizer).error().in(metadata.file());
  INGOT_TRY(std::string chat_template, metadata.get<std::string>("tokenizer.chat_template", ""));
  TextAssets assets{*std::move(tokenizer), std::move(chat_template), {}, {}};
  detail::add_end(assets.end_tokens, assets.tokenizer.eos());
  for (const std::string_view key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
    if (metadata.find(key) == nullptr) continue;
    INGOT_TRY(const auto end, metadata.get<std::int32_t>(key));
    detail::add_end(assets.end_tokens, end);
  }
  return assets;
}

/// What open_text() does.
[[nodiscard]] inline Result<TextAssets> read_text(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    if (const auto file = detail::find_tokenizer(path); !file.empty()) return detail::open_text_file(file);
    std::vector<std::filesystem::path> ggufs;
    for (std::filesystem::directory_iterator entry{path, ignored}, end; !ignored && entry != end; entry.increment(ignored))
      if (entry->path().extension() == ".gguf") ggufs.push_back(entry->path());
    if (ggufs.size() == 1) return read_text(ggufs.front());
    return Error{ErrorCode::not_found,
                 "no tokenizer (tokenizer.bin, .json or .model, *.tiktoken, vocab.json with merges.txt, vocab.txt, a single GGUF file)",
                 path.string(), "name the tokenizer's own directory"};
  }
  if (path.filename() == "config.json" || path.filename() == "llm_config.json")
    return read_text(path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."});
  INGOT_TRY(const auto file, MappedFile::open(path));
  if (!file.text().starts_with(checkpoint::gguf_magic)) return detail::open_text_file(path);
  INGOT_TRY(const auto gguf, checkpoint::open_gguf(path));
  return open_gguf_text(gguf.metadata);
}

}  // namespace ingot::generation
