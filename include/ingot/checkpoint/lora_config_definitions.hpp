// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora_config_definitions.hpp: reading adapter_config.json; ingot::runtime compiles it, once.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/checkpoint/lora_config.hpp>

namespace ingot::checkpoint {

Result<ModuleNumbers> ModuleNumbers::read(const json::Value& object) {
  // A match takes up to twice the characters of all expressions for each character of a name.
  constexpr std::size_t expression_limit = 64;
  ModuleNumbers numbers;
  INGOT_CHECK(object.each_member([&](std::string_view key, const json::Value& value) -> Status {
    INGOT_TRY(const auto number, value.as<double>(key));
    if (!std::isfinite(number)) return value.problem("expected a number that is finite", key);
    const std::size_t place = numbers.numbers_.size();
    numbers.numbers_.push_back(number);
    if (key.find_first_of("\\^$*+?()[]{}|") == key.npos) {  // a dot stands for itself: module names leave it nothing else
      numbers.names_.try_emplace(std::string{key}, place);
      return {};
    }
    if (numbers.expressions_.size() == expression_limit)
      return Error{ErrorCode::unsupported, "more than 64 regular expressions", object.problem({}, {}).where, {}};
    auto pattern = ModulePattern::parse(key);
    if (!pattern) return std::move(pattern).error().in(object.problem({}, {}).where);
    numbers.expressions_.push_back({place, *std::move(pattern)});
    return {};
  }));
  return numbers;
}

double ModuleNumbers::of(std::string_view module, double fallback) const {
  std::size_t first = numbers_.size();
  if (!names_.empty())
    for (std::string_view end = module;; end.remove_prefix(end.find('.') + 1)) {
      if (const auto found = names_.find(end); found != names_.end()) first = std::min(first, found->second);
      if (end.find('.') == end.npos) break;
    }
  for (const Expression& expression : expressions_) {
    if (expression.place > first) break;
    if (expression.pattern.matches(module)) first = expression.place;
  }
  return first == numbers_.size() ? fallback : numbers_[first];
}

double LoraConfig::scale_of(std::string_view module) const {
  const double r = static_cast<double>(rank_of(module));
  return alphas.of(module, alpha) / (rank_stabilized ? std::sqrt(r) : r);
}

Result<LoraConfig> read_lora_config(const json::Value& root) {
  const std::string where = root.problem({}, {}).where;
  const auto refused = [&](std::string what, std::string hint) {
    return Error{ErrorCode::unsupported, std::move(what), where, std::move(hint)};
  };
  INGOT_TRY(const auto type, root.get<std::string>("peft_type"));
  if (type != "LORA") return refused("an adapter of type " + type.substr(0, 60), "only LORA can be merged");
  for (const std::string_view key : {"use_qalora", "layer_replication", "alora_invocation_tokens", "megatron_config", "arrow_config",
                                     "use_bdlora", "kasa_config", "monteclora_config"}) {
    const auto value = root.find(key);
    const bool unset =
        !value || (value->is_bool() && !*value->as<bool>()) || ((value->is_array() || value->is_object()) && value->size() == 0);
    if (!unset) return refused("an adapter with " + std::string{key}, "merge it with the tool that trained it");
  }
  // These change the base as they begin; the adapter is the difference to that, which is nowhere stored.
  if (const auto init = root.find("init_lora_weights"); init && init->is_string()) {
    INGOT_TRY(const auto how, init->as<std::string>("init_lora_weights"));
    for (const std::string_view changed : {"pissa", "olora", "corda", "loftq", "lora_ga"})
      if (how.starts_with(changed))
        return refused("an adapter on a base that " + how.substr(0, 60) + " changed", "convert it to plain LoRA when saving it");
  }

  LoraConfig config;
  const auto numbers = [&](std::string_view key, ModuleNumbers& to) -> Status {
    if (const auto object = root.find(key)) {
      if (!object->is_object()) return root.problem("expected an object in", key);
      INGOT_TRY(to, ModuleNumbers::read(*object));
    }
    return {};
  };
  INGOT_TRY(config.rank, root.get<std::uint32_t>("r", 8));
  if (config.rank == 0 || config.rank > lora_rank_limit) return root.problem("no rank of an adapter:", "r");
  INGOT_TRY(config.alpha, root.get<double>("lora_alpha", 8));
  if (!std::isfinite(config.alpha)) return root.problem("no scale of an adapter:", "lora_alpha");
  INGOT_TRY(config.rank_stabilized, root.get<bool>("use_rslora", false));
  INGOT_TRY(config.dora, root.get<bool>("use_dora", false));
  INGOT_TRY(config.transposed, root.get<bool>("fan_in_fan_out", false));
  INGOT_TRY(config.tied, root.get<bool>("ensure_weight_tying", false));
  INGOT_CHECK(numbers("rank_pattern", config.ranks));
  INGOT_CHECK(numbers("alpha_pattern", config.alphas));
  for (const double rank : config.ranks.all())
    if (rank < 1 || rank > lora_rank_limit || rank != std::floor(rank)) return root.problem("no rank of an adapter in", "rank_pattern");
  return config;
}

}  // namespace ingot::checkpoint
