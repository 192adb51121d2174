// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/supported.hpp: whether a model can run, by its config.json alone: asked before its weights are there.

#include <string>
#include <string_view>

#include <ingot/core/result.hpp>

namespace ingot::model {

/// Whether a family has the model_type of a config.json. open_checkpoint() takes unknown types for Llama's when every tensor is there,
/// which nobody knows before the weights are. A config without a model_type passes. Errors: unsupported, damaged (no JSON). Compiled in
/// ingot::runtime.
[[nodiscard]] Status check_supported(std::string_view config_json, const std::string& where);

}  // namespace ingot::model
