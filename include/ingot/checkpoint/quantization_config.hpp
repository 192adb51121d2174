// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/quantization_config.hpp: what config.json says about how the weights were quantized.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/scaled_values.hpp>
#include <ingot/core/json.hpp>

namespace ingot::checkpoint {

/// How weights are stored that are no plain tensors.
struct QuantizationConfig {
  enum class Method : std::uint8_t {
    none,
    scaled,      ///< 8-bit weights with scales: `fp8` (DeepSeek-V3), `fbgemm_fp8`
    mxfp4,       ///< GPT-OSS
    gptq,        ///< AutoGPTQ, GPTQModel
    awq,         ///< AutoAWQ, version gemm
    compressed,  ///< compressed-tensors: pack-quantized, int-quantized, float-quantized
  };
  Method method = Method::none;
  std::uint8_t bits = 4;                 ///< of GPTQ and AWQ; single matrices may differ
  std::size_t group = 0;                 ///< columns of GPTQ and AWQ under one scale; 0: the whole row
  bool zeros_less_one = false;           ///< GPTQ stores zero points less 1, gptq_v2 does not
  std::optional<ScaleBlock> block = {};  ///< of scaled weights, where they have blocks
};

/// Bits of a code that GPTQ's formats pack.
[[nodiscard]] constexpr bool is_gptq_width(unsigned bits) noexcept { return bits == 2 || bits == 3 || bits == 4 || bits == 8; }

namespace detail {

inline Result<std::optional<ScaleBlock>> scale_block(const json::Value& of, std::string_view key) {
  const auto list = of.find(key);
  if (!list) return std::optional<ScaleBlock>{};
  std::vector<std::size_t> sizes;
  INGOT_CHECK(list->each_element([&](const json::Value& element) -> Status {
    INGOT_TRY(const std::size_t size, element.as<std::uint32_t>(key));
    if (size == 0 || sizes.size() == 2) return of.problem("expected two sizes in", key);
    sizes.push_back(size);
    return {};
  }));
  if (sizes.size() != 2) return of.problem("expected two sizes in", key);
  return std::optional{ScaleBlock{sizes[0], sizes[1]}};
}

inline Error unsupported_quantization(const json::Value& config, std::string what) {
  return {ErrorCode::unsupported, "weights quantized by " + what, config.problem({}, {}).where, "get the checkpoint it was made from"};
}

/// Bits and group of GPTQ and AWQ; -1 stands for the whole row.
inline Status read_groups(const json::Value& from, std::string_view bits_key, std::string_view group_key, QuantizationConfig& config) {
  INGOT_TRY(config.bits, from.get<std::uint8_t>(bits_key));
  INGOT_TRY(const auto group, from.get<std::int64_t>(group_key, -1));
  if (group == 0 || group < -1) return from.problem("no size of a group:", group_key);
  config.group = group < 0 ? 0 : static_cast<std::size_t>(group);
  return {};
}

inline Result<QuantizationConfig> compressed_tensors_config(const json::Value& from) {
  QuantizationConfig config{.method = QuantizationConfig::Method::compressed};
  INGOT_TRY(const auto format, from.get<std::string>("format", "mixed-precision"));
  constexpr std::array<std::string_view, 6> formats{"pack-quantized",  "int-quantized", "float-quantized",
                                                    "naive-quantized", "dense",         "mixed-precision"};
  if (std::find(formats.begin(), formats.end(), format) == formats.end())
    return unsupported_quantization(from, "compressed-tensors as " + format);
  if (const auto sparsity = from.find("sparsity_config")) {
    INGOT_TRY(const auto sparse, sparsity->get<std::string>("format", "dense"));
    if (sparse != "dense") return unsupported_quantization(from, "compressed-tensors as " + sparse);
  }
  if (const auto groups = from.find("config_groups"))
    INGOT_CHECK(groups->each_member([&](std::string_view, const json::Value& group) -> Status {
      const auto weights = group.find("weights");
      if (!weights || config.block) return {};
      INGOT_TRY(config.block, scale_block(*weights, "block_structure"));
      return {};
    }));
  return config;
}

}  // namespace detail

/// Reads a quantization_config, or AutoGPTQ's quantize_config.json, which does not name the method. Errors: as below.
[[nodiscard]] inline Result<QuantizationConfig> read_quantization_method(const json::Value& from, std::string unnamed) {
  using Method = QuantizationConfig::Method;
  INGOT_TRY(const auto method, from.get<std::string>("quant_method", std::move(unnamed)));
  QuantizationConfig config;
  if (method == "mxfp4") {
    config.method = Method::mxfp4;
  } else if (method == "fp8" || method == "fbgemm_fp8") {
    config.method = Method::scaled;
    INGOT_TRY(config.block, detail::scale_block(from, "weight_block_size"));
  } else if (method == "gptq") {
    config.method = Method::gptq;
    INGOT_CHECK(detail::read_groups(from, "bits", "group_size", config));
    if (!is_gptq_width(config.bits)) return detail::unsupported_quantization(from, "GPTQ in " + std::to_string(config.bits) + " bits");
    INGOT_TRY(const auto format, from.get<std::string>("checkpoint_format", "gptq"));
    INGOT_TRY(const bool marlin, from.get<bool>("is_marlin_format", false));
    if ((format != "gptq" && format != "gptq_v2") || marlin)
      return detail::unsupported_quantization(from, "gptq, laid out for " + (marlin ? "marlin" : format));
    config.zeros_less_one = format == "gptq";
  } else if (method == "awq") {
    config.method = Method::awq;
    const bool old_keys = !from.find("bits");
    INGOT_CHECK(detail::read_groups(from, old_keys ? "w_bit" : "bits", old_keys ? "q_group_size" : "group_size", config));
    INGOT_TRY(auto version, from.get<std::string>("version", "gemm"));
    std::transform(version.begin(), version.end(), version.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (version != "gemm" || config.bits != 4)
      return detail::unsupported_quantization(from, "awq, version " + version + " in " + std::to_string(config.bits) + " bits");
  } else if (method == "compressed-tensors") {
    return detail::compressed_tensors_config(from);
  } else {
    return detail::unsupported_quantization(from, method);
  }
  return config;
}

/// Reads `quantization_config` of a config.json, also inside text_config, and `compression_config` as early compressed-tensors had it.
/// Errors: damaged (values), unsupported (a method or form whose codes we could not give a meaning).
[[nodiscard]] inline Result<QuantizationConfig> read_quantization_config(const json::Value& root) {
  auto found = root.find("quantization_config");
  if (!found) found = root.find("compression_config");
  if (const auto text = root.find("text_config"); !found && text) found = text->find("quantization_config");
  if (!found) return QuantizationConfig{};
  return read_quantization_method(*found, "an unknown method");
}

}  // namespace ingot::checkpoint
