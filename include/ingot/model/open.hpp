// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/open.hpp: from a path to a running model. The one place where a model_type becomes a decoder type.

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/source.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/checkpoint_source.hpp>
#include <ingot/model/families/llama.hpp>
#include <ingot/model/families/qwen2.hpp>
#include <ingot/model/families/qwen3.hpp>
#include <ingot/model/listing.hpp>
#include <ingot/model/model.hpp>
#include <ingot/model/package_source.hpp>

namespace ingot::model {

/// What ingot::runtime compiles for each family; defined in instantiate.hpp.
template <class FamilyType>
struct Instantiate {
  static Result<std::unique_ptr<Model>> open(Config config, std::unique_ptr<WeightSource> source, const kernels::Functions& functions,
                                             const Options& options);
  static Result<std::vector<WeightRequest>> list_weights(const Config& config, const checkpoint::TensorIndex& tensors);
};

/// Calls `use.template operator()<FamilyType>()` for the family of `model_type`. Errors: unsupported, and those of `use`.
template <class Use>
auto with_family(std::string_view model_type, Use&& use) -> decltype(use.template operator()<families::Llama>()) {
  const auto is = [&]<class F>() {
    return std::find(std::begin(F::model_types), std::end(F::model_types), model_type) != std::end(F::model_types);
  };
  if (is.template operator()<families::Llama>()) return use.template operator()<families::Llama>();
  if (is.template operator()<families::Qwen2>()) return use.template operator()<families::Qwen2>();
  if (is.template operator()<families::Qwen3>()) return use.template operator()<families::Qwen3>();
  return Error{ErrorCode::unsupported, "model_type \"" + std::string{model_type.substr(0, 60)} + "\" is not supported", "config.json",
               "supported are llama, qwen2 and qwen3"};
}

/// Reads a model's config with its family's reader, and the end tokens that its generation config adds (empty: none).
inline Result<Config> read_model_config(std::string_view config_json, std::string_view generation_config_json, const std::string& where) {
  INGOT_TRY(const auto document, json::Document::parse(config_json, where));
  INGOT_TRY(const auto model_type, document.root().get<std::string>("model_type"));
  INGOT_TRY(Config config, with_family(model_type, [&]<class F>() { return F::read(document.root()); }));
  if (!generation_config_json.empty()) {
    INGOT_TRY(const auto generation, json::Document::parse(generation_config_json, "generation_config.json"));
    INGOT_CHECK(read_end_tokens(generation.root(), config));
  }
  return config;
}

/// The config of a package: llm_config.json, and generation_config.json where the checkpoint had one.
inline Result<Config> read_package_config(const quant::Package& package) {
  INGOT_TRY(const std::string config, package.text("llm_config.json"));
  auto generation = package.text("generation_config.json");
  if (!generation && generation.error().code != ErrorCode::not_found) return std::move(generation).error();
  return read_model_config(config, generation ? *generation : std::string{}, (package.directory() / "llm_config.json").string());
}

/// Opens a package, a checkpoint directory or a GGUF file. Errors: not_found, disk, damaged, unsupported; usage (no such ISA here).
inline Result<std::unique_ptr<Model>> open(const std::filesystem::path& path, const Options& options) {
  const kernels::Functions* functions = options.isa.empty() ? &kernels::best_functions() : kernels::find_functions(options.isa);
  if (functions == nullptr)
    return Error{
        ErrorCode::usage, "instruction set \"" + options.isa + "\" is not built in or not available here", {}, "leave it out for the best"};
  const auto make = [&](Config config, std::unique_ptr<WeightSource> source) -> Result<std::unique_ptr<Model>> {
    const std::string model_type = config.model_type;
    auto model =
        with_family(model_type, [&]<class F>() { return Instantiate<F>::open(std::move(config), std::move(source), *functions, options); });
    if (!model) return std::move(model).error().in(path.string());
    return model;
  };

  if (const auto directory = package_directory(path)) {
    INGOT_TRY(auto package, quant::Package::open(*directory));
    INGOT_TRY(Config config, read_package_config(package));
    std::unique_ptr<WeightSource> source = std::make_unique<PackageSource>(std::move(package));
    if (options.float_weights) source = std::make_unique<FloatSource>(std::move(source), options.threads);
    return make(std::move(config), std::move(source));
  }
  INGOT_TRY(auto checkpoint, checkpoint::open(path));
  INGOT_TRY(Config config, read_model_config(checkpoint.config_json, checkpoint.generation_config_json.value_or(""), path.string()));
  return make(std::move(config), std::make_unique<CheckpointSource>(std::move(checkpoint.tensors), options.float_weights, options.threads));
}

extern template struct Instantiate<families::Llama>;
extern template struct Instantiate<families::Qwen2>;
extern template struct Instantiate<families::Qwen3>;

}  // namespace ingot::model
