// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/settings_definitions.hpp: the keys of config.json; ingot::runtime compiles it, once.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/settings.hpp>
#include <ingot/kernels/attention_task.hpp>

namespace ingot::generation {

namespace detail {

inline Result<Filter> parse_filter(std::string_view name) {
  if (name == "topK" || name == "top_k") return Filter::top_k;
  if (name == "topP" || name == "top_p") return Filter::top_p;
  if (name == "minP" || name == "min_p") return Filter::min_p;
  if (name == "temperature") return Filter::temperature;
  return Error{ErrorCode::unsupported, "unknown sampler \"" + std::string{name.substr(0, 40)} + "\"", "config.json",
               "use topK, topP, minP, temperature"};
}

/// `sampler_type`: one filter alone, greedy, or `mixed`, which runs `mixed_samplers`.
inline Status read_chain(const json::Value& root, SamplerSettings& sampler) {
  INGOT_TRY(const auto type, root.get<std::string>("sampler_type", "mixed"));
  if (type == "greedy") {
    sampler.temperature = 0;
  } else if (type != "mixed" && type != "penalty") {
    INGOT_TRY(const Filter only, parse_filter(type));
    sampler.chain = only == Filter::temperature ? std::vector{only} : std::vector{only, Filter::temperature};
  } else if (const auto mixed = root.find("mixed_samplers"); mixed && type == "mixed") {
    sampler.chain.clear();
    return mixed->each_element([&](const json::Value& value) -> Status {
      INGOT_TRY(const auto name, value.as<std::string_view>("mixed_samplers"));
      if (name == "penalty" || name == "tfs" || name == "typical") return {};  // penalties act by their keys; the others are off at 1
      INGOT_TRY(const Filter filter, parse_filter(name));
      sampler.chain.push_back(filter);
      return {};
    });
  }
  return {};
}

}  // namespace detail

Status apply(const json::Value& root, Settings& settings, const NoteSink& note) {
  SamplerSettings& s = settings.sampler;
  auto applied = root.each_member([&](std::string_view key, const json::Value& value) -> Status {
    const auto set = [&]<class T>(T& target, T low, T high) -> Status {
      INGOT_TRY(const T wanted, value.as<T>(key));
      if (!(wanted >= low && wanted <= high)) return root.problem("value out of range for", key);
      target = wanted;
      return {};
    };
    const auto remark = [&](std::string_view why) {
      if (note) note("config.json: \"" + std::string{key} + "\" " + std::string{why});
      return Status{};
    };
    constexpr std::uint32_t many = 1u << 30;
    if (key == "temperature") return set(s.temperature, 0.0f, 1e6f);
    if (key == "top_k" || key == "topK") return set(s.top_k, 0u, many);
    if (key == "top_p" || key == "topP") return set(s.top_p, 0.0f, 1.0f);
    if (key == "min_p" || key == "minP") return set(s.min_p, 0.0f, 1.0f);
    if (key == "repetition_penalty" || key == "penalty") return set(s.repetition_penalty, 0.01f, 10.0f);
    if (key == "presence_penalty") return set(s.presence_penalty, -100.0f, 100.0f);
    if (key == "frequency_penalty") return set(s.frequency_penalty, -100.0f, 100.0f);
    if (key == "penalty_window") return set(s.penalty_window, 0u, many);
    if (key == "seed") return set(s.seed, std::uint64_t{0}, ~std::uint64_t{0});
    if (key == "thread_num") return set(settings.threads, 0u, 256u);
    if (key == "max_new_tokens") return set(settings.max_new_tokens, 1u, many);
    if (key == "max_all_tokens") return set(settings.max_all_tokens, 1u, many);
    if (key == "system_prompt") {
      INGOT_TRY(settings.system_prompt, value.as<std::string>(key));
      return {};
    }
    if (key == "stop") {  // one text or a list of them
      settings.stop.clear();
      const auto add = [&](const json::Value& item) -> Status {
        INGOT_TRY(auto text, item.as<std::string>(key));
        settings.stop.push_back(std::move(text));
        return {};
      };
      return value.is_array() ? value.each_element(add) : add(value);
    }
    if (key == "use_template") {
      INGOT_TRY(settings.use_template, value.as<bool>(key));
      return {};
    }
    if (key == "all_logits") {
      INGOT_TRY(settings.all_logits, value.as<bool>(key));
      return {};
    }
    if (key == "chunk") {
      INGOT_CHECK(set(settings.chunk, 0u, 65536u));
      if (settings.chunk == 0) settings.chunk = Settings{}.chunk;
      return {};
    }
    if (key == "precision") {
      INGOT_TRY(const auto precision, value.as<std::string_view>(key));
      if (precision == "high")
        settings.kv = quant::f32;
      else if (settings.kv == quant::f32)
        settings.kv = Settings{}.kv;
      return {};
    }
    if (key == "attention_mode") {
      std::uint32_t mode = 0;
      INGOT_CHECK(set(mode, 0u, 15u));
      const bool exact = settings.kv == quant::f32;  // precision "high" says more
      if (!exact) settings.kv = mode % 8 == 0 ? quant::bf16 : kernels::int8_kv;
      return mode % 8 > 2 ? remark("asks for 3 or 4 bits; int8 is used") : Status{};
    }
    if (key == "sampler_type" || key == "mixed_samplers") return {};
    if (key == "backend_type") {
      INGOT_TRY(const auto backend, value.as<std::string_view>(key));
      return backend == "cpu" ? Status{} : remark("asks for a backend that is not built in; the CPU is used");
    }
    if (key == "memory" || key == "use_mmap" || key == "reuse_kv") {  // weights stay quantized and mapped, turns reuse the cache: always
      const bool otherwise = value.is_string() ? value.as<std::string_view>() && *value.as<std::string_view>() != "low"
                                               : value.is_bool() && !*value.as<bool>();
      return otherwise ? remark("cannot be switched off") : Status{};
    }
    if (key == "tfs_z" || key == "typical") {
      const auto number = value.as<double>(key);
      return number && *number == 1 ? Status{} : remark("is not supported yet");
    }
    return remark("is not known to this version");
  });
  if (!applied) return applied;
  return detail::read_chain(root, s);  // last: sampler_type greedy wins over a temperature
}

}  // namespace ingot::generation
