// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/open_definitions.hpp: opening with all families; ingot::runtime compiles it, once.

#include <filesystem>
#include <memory>

#include <ingot/core/result.hpp>
#include <ingot/model/families/all.hpp>
#include <ingot/model/open.hpp>
#include <ingot/model/open_families.hpp>

namespace ingot::model {

Result<std::unique_ptr<Model>> open(const std::filesystem::path& path, const Options& options) {
  return open<families::All>(path, options);
}

}  // namespace ingot::model
