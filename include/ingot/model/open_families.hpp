// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/open_families.hpp: opening with a list of families. The one place where a model_type becomes a decoder type.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/arrangement.hpp>
#include <ingot/checkpoint/source.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/checkpoint_source.hpp>
#include <ingot/model/families/all.hpp>
#include <ingot/model/listing.hpp>
#include <ingot/model/open.hpp>
#include <ingot/model/open_checkpoint.hpp>
#include <ingot/model/package_directory.hpp>
#include <ingot/model/package_source.hpp>

namespace ingot::model {

/// What ingot::runtime compiles for each graph; defined in instantiate.hpp. Families of equal traits share one.
template <Family F>
struct Instantiate {
  static Result<std::unique_ptr<Model>> open(Config config, std::unique_ptr<WeightSource> source, const kernels::Functions& functions,
                                             const Options& options);
  static Result<std::vector<WeightRequest>> list_weights(const Config& config, const checkpoint::TensorIndex& tensors);
};

/// Calls `use.template operator()<F>()` for the family of `model_type`; for Llama's where none has it: many models that call themselves
/// otherwise are one.
template <class Families = families::All, class Use>
auto with_family(std::string_view model_type, Use&& use) -> decltype(use.template operator()<families::Llama>()) {
  std::optional<decltype(use.template operator()<families::Llama>())> result;
  if (!Families::visit(model_type, [&]<class F>() { result = use.template operator()<F>(); }))
    return use.template operator()<families::Llama>();
  return *std::move(result);
}

/// The tensors that the decoder of a checkpoint binds. Errors: damaged (what is missing, or of another shape).
[[nodiscard]] inline Result<std::vector<WeightRequest>> list_weights(const ModelCheckpoint& opened) {
  return with_family(opened.config.model_type,
                     [&]<class F>() { return Instantiate<F::traits>::list_weights(opened.config, opened.files.tensors); });
}

/// Reads a model's config with its family's reader, and the end tokens that its generation config adds (empty: none).
template <class Families = families::All>
Result<Config> read_model_config(std::string_view config_json, std::string_view generation_config_json, const std::string& where) {
  INGOT_TRY(const auto document, json::Document::parse(config_json, where));
  INGOT_TRY(const auto model_type, model_type_of(document.root()));
  Result<Config> config = with_family<Families>(model_type, [&]<class F>() { return F::read(document.root()); });
  if (!config && !Families::has(model_type))
    return Error{ErrorCode::unsupported, "model_type \"" + model_type.substr(0, 60) + "\" is not known, and it does not read as llama",
                 where, config.error().message()};
  if (!config) return config;
  config->model_type = model_type;
  if (!generation_config_json.empty()) {
    INGOT_TRY(const auto generation, json::Document::parse(generation_config_json, "generation_config.json"));
    INGOT_CHECK(read_end_tokens(generation.root(), *config));
  }
  return config;
}

/// open_checkpoint() of open_checkpoint.hpp, with the families of a list. Errors: as there.
template <class Families>
Result<ModelCheckpoint> open_checkpoint(const std::filesystem::path& path, const NoteSink& note,
                                        const checkpoint::Overlays& overlays = {}) {
  INGOT_TRY(auto files, checkpoint::open(path));
  INGOT_CHECK(overlay(files, overlays, note));
  INGOT_TRY(Config config, read_model_config<Families>(files.config_json, files.generation_config_json.value_or(""), path.string()));
  const std::string model_type = config.model_type;
  const auto arranged = [&]<class F>() -> Status {
    if constexpr (requires(checkpoint::Arrangement & a) { F::arrange(config, a); }) {
      checkpoint::Arrangement arrangement{std::move(files.tensors)};
      INGOT_CHECK(F::arrange(config, arrangement));
      INGOT_TRY(files.tensors, std::move(arrangement).finish());
    }
    return {};
  };
  INGOT_CHECK(with_family<Families>(model_type, arranged));
  if (!Families::has(model_type)) {
    const auto listed = Instantiate<families::Llama::traits>::list_weights(config, files.tensors);
    const std::string what = "model_type \"" + model_type.substr(0, 60) + "\" is not known";
    if (!listed) return Error{ErrorCode::unsupported, what + ", and it is no llama", path.string(), listed.error().message()};
    if (note) note(what + "; its config and tensors are those of llama, which it is run as");
  }
  return ModelCheckpoint{std::move(files), std::move(config)};
}

/// read_package_config() of package_config.hpp, with the families of a list.
template <class Families>
Result<Config> read_package_config(const quant::Package& package) {
  INGOT_TRY(const std::string config, package.text("llm_config.json"));
  auto generation = package.text("generation_config.json");
  if (!generation && generation.error().code != ErrorCode::not_found) return std::move(generation).error();
  return read_model_config<Families>(config, generation ? *generation : std::string{}, (package.directory() / "llm_config.json").string());
}

namespace detail {

template <class Families>
Result<std::unique_ptr<Model>> make_model(Config config, std::unique_ptr<WeightSource> source, const Options& options) {
  const kernels::Functions* functions = options.isa.empty() ? &kernels::best_functions() : kernels::find_functions(options.isa);
  if (functions == nullptr)
    return Error{
        ErrorCode::usage, "instruction set \"" + options.isa + "\" is not built in or not available here", {}, "leave it out for the best"};
  const std::string model_type = config.model_type;
  return with_family<Families>(
      model_type, [&]<class F>() { return Instantiate<F::traits>::open(std::move(config), std::move(source), *functions, options); });
}

}  // namespace detail

/// open() of open.hpp, with the families of a list: families::All::with<Mine> adds one. Errors: as there.
template <class Families>
Result<std::unique_ptr<Model>> open(ModelCheckpoint opened, const Options& options) {
  return detail::make_model<Families>(
      std::move(opened.config), std::make_unique<CheckpointSource>(std::move(opened.files.tensors), options.float_weights, options.threads),
      options);
}
template <class Families>
Result<std::unique_ptr<Model>> open(const std::filesystem::path& path, const Options& options) {
  if (const auto directory = package_directory(path)) {
    INGOT_TRY(auto package, quant::Package::open(*directory));
    INGOT_TRY(Config config, read_package_config<Families>(package));
    std::unique_ptr<WeightSource> source = std::make_unique<PackageSource>(std::move(package));
    if (options.float_weights) source = std::make_unique<FloatSource>(std::move(source), options.threads);
    auto model = detail::make_model<Families>(std::move(config), std::move(source), options);
    if (!model) return std::move(model).error().in(path.string());
    return model;
  }
  INGOT_TRY(auto opened, open_checkpoint<Families>(path, options.note));
  auto model = open<Families>(std::move(opened), options);
  if (!model) return std::move(model).error().in(path.string());
  return model;
}

extern template struct Instantiate<families::Llama::traits>;
extern template struct Instantiate<families::Mixtral::traits>;
extern template struct Instantiate<families::Chatglm::traits>;
extern template struct Instantiate<families::Chatglm6b::traits>;
extern template struct Instantiate<families::Glm4::traits>;
extern template struct Instantiate<families::Gemma2::traits>;
extern template struct Instantiate<families::Gemma3::traits>;
extern template struct Instantiate<families::Qwen3::traits>;
extern template struct Instantiate<families::Qwen3Moe::traits>;
extern template struct Instantiate<families::Qwen3Next::traits>;
extern template struct Instantiate<families::HunyuanV1Dense::traits>;
extern template struct Instantiate<families::HunyuanV1Moe::traits>;
extern template struct Instantiate<families::GptOss::traits>;
extern template struct Instantiate<families::Llama4Text::traits>;
extern template struct Instantiate<families::MimoV2Flash::traits>;
extern template struct Instantiate<families::DeepseekV2::traits>;
extern template struct Instantiate<families::DeepseekV3::traits>;
extern template struct Instantiate<families::DeepseekV3Halves::traits>;
extern template struct Instantiate<families::Minicpm3::traits>;
extern template struct Instantiate<families::Lfm2::traits>;
extern template struct Instantiate<families::Phi::traits>;
extern template struct Instantiate<families::Bert::traits>;

}  // namespace ingot::model
