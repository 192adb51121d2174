// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/settings.hpp: what the user may tune: config.json with MNN's keys and meanings.

#include <cstdint>
#include <string>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/sampler_settings.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot::json {
class Value;
}

namespace ingot::generation {

/// The settings of one model, from its config.json and the command line.
struct Settings {
  SamplerSettings sampler;
  std::uint32_t threads = 0;            ///< thread_num; 0: as many as this process may use
  std::uint32_t max_new_tokens = 512;   ///< of one answer
  std::uint32_t max_all_tokens = 2048;  ///< prompt, history and answers together
  std::uint32_t chunk = 512;            ///< prompt tokens computed in one step; 0 stands for this default
  quant::Scheme kv = quant::bf16;       ///< attention_mode: keys and values in int8, bfloat16, or float32 with precision "high"
  bool all_logits = false;              ///< keep the logits of every token of a prompt, not only of its last one
  bool use_template = true;             ///< false: prompts go to the model as they are
  std::vector<std::string> stop;        ///< texts that end an answer and do not belong to it
  std::string system_prompt;            ///< first message of a conversation; empty: none (the template may bring its own)
};

/// Applies the members of a config.json object to `settings`. Keys that this version does not act on, or that are set to what it
/// cannot do, go to `note`, one line each. Errors: damaged (a value of the wrong type or out of range), unsupported (a sampler).
/// Compiled in ingot::runtime.
Status apply(const json::Value& root, Settings& settings, const NoteSink& note);

}  // namespace ingot::generation
