// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/read_embedding_config.hpp: how a model embeds texts, as sentence-transformers' files or a package say.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/config_file.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/embedding_config.hpp>
#include <ingot/generation/pooling.hpp>

namespace ingot::generation {

/// Where a package says it.
inline constexpr std::string_view embedding_file = "embedding.json";

namespace detail {

inline Result<json::Document> read_json_file(const std::filesystem::path& file) {
  INGOT_TRY(const std::string text, read_config_file(file));
  return json::Document::parse(text, file.string());
}

/// The poolings whose names an array holds, or the one of a string; `names` in the order of Pooling.
inline Result<std::vector<Pooling>> poolings_named(const json::Value& value, const std::array<std::string_view, 6>& names) {
  std::array<bool, 6> chosen{};
  const auto choose = [&](const json::Value& item) -> Status {
    INGOT_TRY(const auto name, item.as<std::string_view>("pooling"));
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return item.problem("this pooling is not known:", name.substr(0, 60));
    chosen[static_cast<std::size_t>(found - names.begin())] = true;
    return {};
  };
  INGOT_CHECK(value.is_array() ? value.each_element(choose) : choose(value));
  std::vector<Pooling> poolings;
  for (std::size_t i = 0; i < chosen.size(); ++i)
    if (chosen[i]) poolings.push_back(static_cast<Pooling>(i));
  if (poolings.empty()) return value.problem("no pooling is chosen", {});
  return poolings;
}

/// `1_Pooling/config.json`: `pooling_mode`, or in older files a switch for each, of which that of the mean is on where it is absent.
inline Status read_pooling(const json::Value& root, EmbeddingConfig& config) {
  INGOT_TRY(config.pool_prompt, root.get<bool>("include_prompt", true));
  if (const auto mode = root.find("pooling_mode")) {
    constexpr std::array<std::string_view, 6> names = {"cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"};
    INGOT_TRY(config.poolings, poolings_named(*mode, names));
    return {};
  }
  constexpr std::array<std::string_view, 6> keys = {"pooling_mode_cls_token",           "pooling_mode_max_tokens",
                                                    "pooling_mode_mean_tokens",         "pooling_mode_mean_sqrt_len_tokens",
                                                    "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"};
  config.poolings.clear();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    INGOT_TRY(const bool chosen, root.get<bool>(keys[i], false));
    if (chosen) config.poolings.push_back(static_cast<Pooling>(i));
  }
  if (config.poolings.empty() && !root.find(keys[2])) config.poolings = {Pooling::mean};
  return config.poolings.empty() ? Status{root.problem("no pooling is chosen by", keys[2])} : Status{};
}

inline Status read_prompts(const json::Value& root, EmbeddingConfig& config) {
  INGOT_TRY(config.default_prompt, root.get<std::string>("default_prompt_name", {}));
  if (const auto prompts = root.find("prompts"))
    INGOT_CHECK(prompts->each_member([&](std::string_view name, const json::Value& value) -> Status {
      INGOT_TRY(auto text, value.as<std::string>(name));
      config.prompts.emplace_back(std::string{name}, std::move(text));
      return {};
    }));
  if (config.default_prompt.empty() || config.prompt(config.default_prompt) != nullptr) return {};
  return root.problem("\"prompts\" lacks the", "default_prompt_name");
}

/// sentence_bert_config.json, and the tokenizer's limit where that has none. `model_max_length` is 1e30 where nobody has set it.
inline Status read_text_limits(const std::filesystem::path& directory, EmbeddingConfig& config) {
  if (const auto file = directory / "sentence_bert_config.json"; is_file(file)) {
    INGOT_TRY(const auto document, read_json_file(file));
    INGOT_TRY(config.lower_case, document.root().get<bool>("do_lower_case", false));
    INGOT_TRY(config.max_tokens, document.root().get<std::uint32_t>("max_seq_length", 0));
  }
  if (const auto file = directory / "tokenizer_config.json"; config.max_tokens == 0 && is_file(file)) {
    INGOT_TRY(const auto document, read_json_file(file));
    const auto length = document.root().find("model_max_length");
    if (const auto tokens = length ? length->as<std::uint32_t>() : Result<std::uint32_t>{0u}; tokens) config.max_tokens = *tokens;
  }
  return {};
}

/// modules.json lists what follows each other, with the directory of each one's config. Errors: damaged, unsupported.
inline Status read_modules(const std::filesystem::path& directory, EmbeddingConfig& config) {
  const auto file = directory / "modules.json";
  INGOT_TRY(const auto document, read_json_file(file));
  config.normalize = false;
  bool pooled = false;
  INGOT_CHECK(document.root().each_element([&](const json::Value& module) -> Status {
    INGOT_TRY(const auto type, module.get<std::string_view>("type"));
    const std::string_view kind = type.substr(type.rfind('.') + 1);
    if (kind == "Normalize") config.normalize = true;
    if (kind == "Transformer" || kind == "Normalize" || kind == "Dropout") return {};
    if (kind != "Pooling")
      return Error{ErrorCode::unsupported, "the module \"" + std::string{kind.substr(0, 60)} + "\" is not supported", file.string(), {}};
    INGOT_TRY(const auto path, module.get<std::string_view>("path"));
    constexpr std::string_view separators{"/\\\0", 3};
    if (pooled || path.empty() || path == "." || path == ".." || path.find_first_of(separators) != path.npos)
      return module.problem(pooled ? "pools twice" : "not a directory beside modules.json:", "path");
    pooled = true;
    INGOT_TRY(const auto pooling, read_json_file(directory / path / "config.json"));
    return read_pooling(pooling.root(), config);
  }));
  return pooled ? Status{} : Status{document.root().problem("no module pools", {})};
}

inline Status read_packaged(const json::Value& root, EmbeddingConfig& config) {
  INGOT_TRY(const auto pooling, root.at("pooling"));
  INGOT_TRY(config.poolings, poolings_named(pooling, pooling_names));
  INGOT_TRY(config.normalize, root.get<bool>("normalize", true));
  INGOT_TRY(config.pool_prompt, root.get<bool>("include_prompt", true));
  INGOT_TRY(config.lower_case, root.get<bool>("do_lower_case", false));
  INGOT_TRY(config.max_tokens, root.get<std::uint32_t>("max_seq_length", 0));
  return read_prompts(root, config);
}

}  // namespace detail

/// How the model of a checkpoint directory (modules.json and what it names) or of a package (embedding.json) embeds; nothing where there
/// is neither. Errors: not_found, disk, damaged; unsupported (a module that we lack, such as a dense layer).
[[nodiscard]] inline Result<std::optional<EmbeddingConfig>> read_embedding_config(const std::filesystem::path& directory) {
  std::optional<EmbeddingConfig> config;
  if (const auto own = directory / embedding_file; is_file(own)) {
    INGOT_TRY(const auto document, detail::read_json_file(own));
    INGOT_CHECK(detail::read_packaged(document.root(), config.emplace()));
  } else if (is_file(directory / "modules.json")) {
    INGOT_CHECK(detail::read_modules(directory, config.emplace()));
    INGOT_CHECK(detail::read_text_limits(directory, *config));
    if (const auto prompts = directory / "config_sentence_transformers.json"; is_file(prompts)) {
      INGOT_TRY(const auto document, detail::read_json_file(prompts));
      INGOT_CHECK(detail::read_prompts(document.root(), *config));
    }
  }
  return config;
}

/// embedding.json of a package, in the words of sentence-transformers.
[[nodiscard]] inline std::string to_json(const EmbeddingConfig& config) {
  std::string poolings;
  for (const Pooling pooling : config.poolings)
    poolings.append(poolings.empty() ? "[" : ",").append(json::quoted(pooling_names[static_cast<std::size_t>(pooling)]));
  json::ObjectText prompts, text;
  for (const auto& [name, prompt] : config.prompts) prompts.add(name, prompt);
  text.add_raw("pooling", poolings += ']').add("normalize", config.normalize).add("include_prompt", config.pool_prompt);
  text.add("do_lower_case", config.lower_case).add("max_seq_length", config.max_tokens);
  if (!config.default_prompt.empty()) text.add("default_prompt_name", config.default_prompt);
  return std::move(text.add_raw("prompts", std::move(prompts).str())).str();
}

}  // namespace ingot::generation
