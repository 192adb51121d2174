// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/open_definitions.hpp: opening with all families; ingot::runtime compiles it, once.

#include <filesystem>
#include <memory>
#include <utility>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/families/all.hpp>
#include <ingot/model/open.hpp>
#include <ingot/model/open_checkpoint.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/model/package_config.hpp>
#include <ingot/model/supported.hpp>

namespace ingot::model {

Result<std::unique_ptr<Model>> open(const std::filesystem::path& path, const Options& options) {
  return open<families::All>(path, options);
}
Result<std::unique_ptr<Model>> open(ModelCheckpoint opened, const Options& options) {
  return open<families::All>(std::move(opened), options);
}
Result<ModelCheckpoint> open_checkpoint(const std::filesystem::path& path, const NoteSink& note, const checkpoint::Overlays& overlays) {
  return open_checkpoint<families::All>(path, note, overlays);
}
Status check_supported(std::string_view config_json, const std::string& where) {
  INGOT_TRY(const auto document, json::Document::parse(config_json, where));
  if (!document.root().find("model_type")) return {};
  INGOT_TRY(const auto model_type, model_type_of(document.root()));
  if (families::All::has(model_type)) return {};
  return Error{ErrorCode::unsupported, "no family has the model_type \"" + model_type.substr(0, 60) + "\"", where,
               "if it is a Llama by another name, fetch it with --include '*' and try"};
}
Result<Config> read_package_config(const quant::Package& package) { return read_package_config<families::All>(package); }

}  // namespace ingot::model
