// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/pooling.hpp: how the rows of a text become one vector, as sentence-transformers describes it.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/source.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>
#include <ingot/core/result.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot::generation {

/// Which rows an embedding is made of.
enum class Pooling : std::uint8_t { cls, mean, last, max, mean_sqrt };

/// What stands behind the model itself: pooling, normalization, and prompts that go before a text.
struct PoolingConfig {
  Pooling pooling = Pooling::last;
  bool normalize = true;
  std::vector<std::pair<std::string, std::string>> prompts;  ///< by name: query, document, ...

  [[nodiscard]] std::string_view prompt(std::string_view name) const noexcept {
    for (const auto& [key, text] : prompts)
      if (key == name) return text;
    return {};
  }
};

/// Names of the poolings, in their order.
inline constexpr std::array pooling_names = {"cls", "mean", "last", "max", "mean_sqrt"};

namespace detail {

/// The file of a module of modules.json, whose `path` is one name below the model's directory. Errors: damaged (any other path).
inline Result<json::Document> module_config(const std::filesystem::path& directory, std::string_view path) {
  const bool plain = path != "." && path != ".." && path.find_first_of(std::string_view{"/\\\0", 3}) == path.npos;
  if (!plain)
    return Error{ErrorCode::damaged, "the path of a module leaves the model's directory", (directory / "modules.json").string(), {}};
  const auto file = directory / path / "config.json";
  INGOT_TRY(const std::string text, checkpoint::detail::read_small_file(file));
  return json::Document::parse(text, file.string());
}

/// `1_Pooling/config.json`: one key is true. Errors: damaged (none is), unsupported (several are, which would be joined).
inline Result<Pooling> read_pooling(const json::Value& root) {
  constexpr std::array<std::pair<std::string_view, Pooling>, 5> keys{{{"pooling_mode_cls_token", Pooling::cls},
                                                                      {"pooling_mode_mean_tokens", Pooling::mean},
                                                                      {"pooling_mode_lasttoken", Pooling::last},
                                                                      {"pooling_mode_max_tokens", Pooling::max},
                                                                      {"pooling_mode_mean_sqrt_len_tokens", Pooling::mean_sqrt}}};
  std::optional<Pooling> found;
  for (const auto& [key, pooling] : keys) {
    INGOT_TRY(const bool chosen, root.get<bool>(key, false));
    if (!chosen) continue;
    if (found) return Error{ErrorCode::unsupported, "several poolings at once are not supported", std::string{key}, {}};
    found = pooling;
  }
  INGOT_TRY(const bool weighted, root.get<bool>("pooling_mode_weightedmean_tokens", false));
  if (weighted) return Error{ErrorCode::unsupported, "this pooling is not supported", "pooling_mode_weightedmean_tokens", {}};
  if (found) return *found;
  return root.problem("no pooling is chosen in", "pooling_mode_mean_tokens");
}

inline Status read_prompts(const json::Value& root, PoolingConfig& config) {
  const auto prompts = root.find("prompts");
  if (!prompts || !prompts->is_object()) return {};
  return prompts->each_member([&](std::string_view name, const json::Value& value) -> Status {
    INGOT_TRY(auto text, value.as<std::string>(name));
    config.prompts.emplace_back(std::string{name}, std::move(text));
    return {};
  });
}

/// A file of ours, in packages.
inline constexpr std::string_view pooling_file = "embedding.json";

inline Result<PoolingConfig> read_packaged_pooling(const std::filesystem::path& file) {
  INGOT_TRY(const std::string text, checkpoint::detail::read_small_file(file));
  INGOT_TRY(const auto document, json::Document::parse(text, file.string()));
  PoolingConfig config;
  INGOT_TRY(const auto name, document.root().get<std::string>("pooling"));
  const auto found = std::find(pooling_names.begin(), pooling_names.end(), name);
  if (found == pooling_names.end()) return document.root().problem("not a pooling in", "pooling");
  config.pooling = static_cast<Pooling>(found - pooling_names.begin());
  INGOT_TRY(config.normalize, document.root().get<bool>("normalize", true));
  INGOT_CHECK(read_prompts(document.root(), config));
  return config;
}

}  // namespace detail

/// The pooling of a checkpoint directory (modules.json and what it names) or of a package (embedding.json); nothing where there is
/// neither. Errors: damaged, unsupported (a module that we lack, such as a dense layer).
inline Result<std::optional<PoolingConfig>> read_pooling_config(const std::filesystem::path& directory) {
  if (const auto own = directory / detail::pooling_file; is_file(own)) {
    INGOT_TRY(auto config, detail::read_packaged_pooling(own));
    return std::optional{std::move(config)};
  }
  const auto file = directory / "modules.json";
  if (!is_file(file)) return std::optional<PoolingConfig>{};
  INGOT_TRY(const std::string text, checkpoint::detail::read_small_file(file));
  INGOT_TRY(const auto document, json::Document::parse(text, file.string()));
  PoolingConfig config;
  config.normalize = false;
  bool pooled = false;
  INGOT_CHECK(document.root().each_element([&](const json::Value& module) -> Status {
    INGOT_TRY(const auto type, module.get<std::string>("type"));
    INGOT_TRY(const auto path, module.get<std::string>("path", {}));
    const std::string kind = type.substr(type.rfind('.') + 1);
    if (kind == "Transformer") return {};
    if (kind == "Normalize") {
      config.normalize = true;
      return {};
    }
    if (kind != "Pooling")
      return Error{ErrorCode::unsupported, "the module \"" + kind.substr(0, 60) + "\" is not supported", file.string(), {}};
    INGOT_TRY(const auto pooling, detail::module_config(directory, path));
    INGOT_TRY(config.pooling, detail::read_pooling(pooling.root()));
    pooled = true;
    return {};
  }));
  if (!pooled) return document.root().problem("no module pools in", "modules.json");
  if (const auto prompts = directory / "config_sentence_transformers.json"; is_file(prompts)) {
    INGOT_TRY(const std::string prompt_text, checkpoint::detail::read_small_file(prompts));
    INGOT_TRY(const auto prompt_document, json::Document::parse(prompt_text, prompts.string()));
    INGOT_CHECK(detail::read_prompts(prompt_document.root(), config));
  }
  return std::optional{std::move(config)};
}

/// embedding.json of a package.
[[nodiscard]] inline std::string to_json(const PoolingConfig& config) {
  std::string text = "{\"pooling\":\"" + std::string{pooling_names[static_cast<std::size_t>(config.pooling)]} +
                     "\",\"normalize\":" + (config.normalize ? "true" : "false") + ",\"prompts\":{";
  for (std::size_t i = 0; i < config.prompts.size(); ++i)
    text += (i == 0 ? "" : ",") + json::quoted(config.prompts[i].first) + ":" + json::quoted(config.prompts[i].second);
  return text + "}}\n";
}

/// Divides by the length (not below 1e-12, as torch.nn.functional.normalize).
inline void normalize_length(std::span<float> values) noexcept {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
  const auto length = static_cast<float>(std::max(std::sqrt(squares), 1e-12));
  for (float& value : values) value /= length;
}

/// One vector of the rows of a text, of which there is at least one; the first `dimensions` of it (0: all), normalized after the cut
/// where the config says so (Matryoshka representations, arXiv 2205.13147).
[[nodiscard]] inline std::vector<float> pooled(const PoolingConfig& config, Rows<const float> rows, std::size_t dimensions = 0) {
  const std::size_t count = rows.extent(0), width = rows.extent(1);
  std::vector<float> result(width);
  if (config.pooling == Pooling::cls || config.pooling == Pooling::last) {
    std::copy_n(rows.row(config.pooling == Pooling::cls ? 0 : count - 1), width, result.begin());
  } else {
    const bool largest = config.pooling == Pooling::max;
    const double divisor = config.pooling == Pooling::mean_sqrt ? std::sqrt(static_cast<double>(count)) : static_cast<double>(count);
    for (std::size_t c = 0; c < width; ++c) {
      double sum = 0;
      float most = rows.row(0)[c];
      for (std::size_t r = 0; r < count; ++r) sum += static_cast<double>(rows.row(r)[c]), most = std::max(most, rows.row(r)[c]);
      result[c] = largest ? most : static_cast<float>(sum / divisor);
    }
  }
  if (dimensions != 0 && dimensions < width) result.resize(dimensions);
  if (config.normalize) normalize_length(result);
  return result;
}

}  // namespace ingot::generation
