// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/kv_option.hpp: --kv, how keys and values are stored.

#include <map>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <ingot/kernels/attention_task.hpp>

namespace program {

/// Adds `--kv f32|bf16|int8`; without it `kv` stays empty.
inline void add_kv_option(CLI::App& app, std::optional<ingot::Scheme>& kv) {
  static const std::map<std::string, ingot::Scheme> schemes{
      {"f32", ingot::quant::f32}, {"bf16", ingot::quant::bf16}, {"int8", ingot::kernels::int8_kv}};
  app.add_option_function<std::string>(
         "--kv", [&kv](const std::string& name) { kv = schemes.at(name); }, "keys and values: f32, bf16, int8")
      ->check(CLI::IsMember({"f32", "bf16", "int8"}));
}

}  // namespace program
