// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/activation_blocks.hpp: how finely each matrix's input is scaled, where an export has measured what that saves.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>
#include <ingot/core/result.hpp>

namespace ingot::quant {

/// A file of a package, which may be absent or edited: {"blocks": {NAME: columns under one scale}}.
inline constexpr std::string_view activations_file = "activations.json";

/// Columns of its input that share a scale, by matrix; a power of two from 32 to 2^16.
using ActivationBlocks = std::map<std::string, std::uint32_t, std::less<>>;

[[nodiscard]] inline std::string to_json(const ActivationBlocks& blocks) {
  json::ObjectText members, file;
  for (const auto& [name, block] : blocks) members.add_raw(name, std::to_string(block));
  file.add_raw("blocks", std::move(members).str());
  return std::move(file).str() + "\n";
}

/// Errors: damaged (not of this form, a number that is no block).
[[nodiscard]] inline Result<ActivationBlocks> read_activation_blocks(std::string_view text, const std::string& where) {
  INGOT_TRY(const auto document, json::Document::parse(text, where));
  INGOT_TRY(const json::Value members, document.root().at("blocks"));
  ActivationBlocks blocks;
  INGOT_CHECK(members.each_member([&](std::string_view name, const json::Value& value) -> Status {
    INGOT_TRY(const auto block, value.as<std::uint32_t>(name));
    if (block < 32 || block > 1u << 16 || (block & (block - 1)) != 0) return members.problem("not a power of two from 32 to 65536", name);
    blocks.insert_or_assign(std::string{name}, block);
    return {};
  }));
  return blocks;
}

}  // namespace ingot::quant
