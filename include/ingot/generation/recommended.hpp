// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/recommended.hpp: the settings a model starts with, and config.json as the exporter writes it.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>
#include <ingot/generation/settings.hpp>

namespace ingot::generation {

/// MNN's exported defaults, replaced by what the checkpoint's generation_config.json (empty: none) says about sampling.
/// `max_positions` is the context the model was made for. Errors: damaged (not JSON, numbers out of range).
inline Result<Settings> recommended_settings(std::string_view generation_config_json, std::uint32_t max_positions) {
  constexpr std::uint32_t largest_default_context = 32768;  // pages are taken as texts grow, but a text should not eat the machine
  Settings settings;
  settings.max_all_tokens = std::clamp(max_positions, 1u, largest_default_context);
  SamplerSettings& s = settings.sampler;
  s.temperature = 0.8f, s.top_k = 40, s.top_p = 0.9f, s.min_p = 0.05f;
  if (generation_config_json.empty()) return settings;
  INGOT_TRY(const auto document, json::Document::parse(generation_config_json, "generation_config.json"));
  const json::Value root = document.root();
  INGOT_TRY(const bool sampled, root.get<bool>("do_sample", true));
  INGOT_TRY(s.temperature, root.get<float>("temperature", s.temperature));
  INGOT_TRY(s.top_k, root.get<std::uint32_t>("top_k", s.top_k));
  INGOT_TRY(s.top_p, root.get<float>("top_p", s.top_p));
  INGOT_TRY(s.min_p, root.get<float>("min_p", s.min_p));
  INGOT_TRY(s.repetition_penalty, root.get<float>("repetition_penalty", s.repetition_penalty));
  if (!(s.temperature >= 0 && s.top_p > 0 && s.top_p <= 1 && s.min_p >= 0 && s.min_p <= 1 && s.repetition_penalty > 0))
    return Error{ErrorCode::damaged, "sampling numbers out of range", "generation_config.json", {}};
  if (!sampled) s.temperature = 0;
  return settings;
}

/// The settings as config.json, in MNN's keys.
[[nodiscard]] inline std::string to_json(const Settings& settings) {
  const SamplerSettings& s = settings.sampler;
  std::string chain;
  for (const Filter filter : s.chain) {
    constexpr std::string_view names[] = {"topK", "topP", "minP", "temperature"};
    chain.append(chain.empty() ? "[" : ",").append(json::quoted(names[static_cast<std::size_t>(filter)]));
  }
  json::ObjectText text;
  text.add("backend_type", "cpu").add("thread_num", settings.threads).add("precision", settings.kv == quant::f32 ? "high" : "low");
  if (settings.kv != quant::f32) text.add("attention_mode", settings.kv == quant::bf16 ? 8 : 10);
  text.add("max_new_tokens", settings.max_new_tokens).add("max_all_tokens", settings.max_all_tokens).add("chunk", settings.chunk);
  text.add("sampler_type", "mixed").add_raw("mixed_samplers", chain.empty() ? "[]" : chain + "]");
  text.add("temperature", s.temperature).add("top_k", s.top_k).add("top_p", s.top_p).add("min_p", s.min_p);
  text.add("repetition_penalty", s.repetition_penalty).add("presence_penalty", s.presence_penalty);
  text.add("frequency_penalty", s.frequency_penalty).add("penalty_window", s.penalty_window).add("seed", s.seed);
  if (settings.all_logits) text.add("all_logits", true);
  text.add("use_template", settings.use_template).add("system_prompt", settings.system_prompt);
  return std::move(text).str() + "\n";
}

}  // namespace ingot::generation
