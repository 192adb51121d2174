// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/fetch_model.hpp: a MODEL argument that is a reference is taken from the cache, or downloaded first.

#include <string>
#include <string_view>

#include <ingot/core/result.hpp>

namespace program {

/// Whether ingot runs a model with this config.json.
[[nodiscard]] ingot::Status check_model(std::string_view config_json, const std::string& where);

/// Puts in place of a reference (hf:owner/name, ms:, mlc:, pypi:, https://) the directory of its copy, or the one GGUF file in it; a path
/// stays as it is. A complete copy is used without asking anybody. Errors: as acquire::fetch().
[[nodiscard]] ingot::Status fetch_model(std::string& model, bool quiet = false);

}  // namespace program
