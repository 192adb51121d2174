// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/package_config.hpp: the config of a package's model.

#include <ingot/core/result.hpp>
#include <ingot/model/config.hpp>
#include <ingot/quant/package.hpp>

namespace ingot::model {

/// What llm_config.json says, and generation_config.json where the checkpoint had one. Errors: not_found, disk, damaged, unsupported.
/// Compiled in ingot::runtime.
[[nodiscard]] Result<Config> read_package_config(const quant::Package& package);

}  // namespace ingot::model
