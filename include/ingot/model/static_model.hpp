// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/static_model.hpp: a model whose shape, family and schemes are constants of a header that the exporter wrote.

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <utility>

#include <ingot/kernels/isa.hpp>
#include <ingot/model/backend.hpp>
#include <ingot/model/bind.hpp>
#include <ingot/model/cached_heads.hpp>
#include <ingot/model/decoder_model.hpp>
#include <ingot/model/package_config.hpp>
#include <ingot/model/package_source.hpp>

namespace ingot::model {

/// Whether `config` is that of the package which the header of Spec was written for.
template <class Spec>
[[nodiscard]] bool describes(const Config& config) noexcept {
  if (config.shape != Spec::shape || config.model_type != Spec::model_type) return false;
  if constexpr (requires { Spec::extents; })
    return std::equal(config.extents.begin(), config.extents.end(), std::begin(Spec::extents), std::end(Spec::extents));
  else
    return config.extents.empty();
}

/// The decoder of Spec (see emit_header.hpp), compiled into the user's program: no branch on family, scheme or ISA, every matrix's
/// extents known. Isa must be covered by the flags the program is compiled with; the default is the best that they allow.
template <class Spec, class Isa = kernels::isa::compiled, quant::Scheme Kv = quant::bf16>
class StaticModel {
 public:
  using Backend = StaticBackend<Spec, Isa, Kv>;

  /// Opens the package the header was written for. Errors: as open(); damaged when shapes or schemes differ from the header's.
  [[nodiscard]] static Result<StaticModel> open(const std::filesystem::path& directory, const Options& options = {}) {
    if (options.kv != Kv || options.float_weights || (!options.isa.empty() && options.isa != Isa::name()))
      return Error{
          ErrorCode::usage, "an exact-shape model has its storage and instructions in its type", {}, "name them as template arguments"};
    INGOT_TRY(auto package, quant::Package::open(directory));
    INGOT_TRY(Config config, read_package_config(package));
    if (!describes<Spec>(config))
      return Error{ErrorCode::damaged, "the package holds another model than the header describes", directory.string(),
                   "write the header again with --emit-header"};
    auto source = std::make_unique<PackageSource>(std::move(package));
    const Backend backend;
    INGOT_TRY(auto kv, kv_shape(config, Kv, options.layers_in_turn));
    auto weights = bind_weights<Spec::family>(backend, *source, config);
    if (!weights) return std::move(weights).error().in(directory.string());
    return StaticModel{
        std::make_unique<Decoder>(std::move(config), std::move(kv), backend, *std::move(weights), std::move(source), options)};
  }

  /// The model, as the run-time one is used.
  [[nodiscard]] Model& operator*() const noexcept { return *decoder_; }
  [[nodiscard]] Model* operator->() const noexcept { return decoder_.get(); }

 private:
  using Decoder = DecoderModel<Spec::family, Backend>;
  explicit StaticModel(std::unique_ptr<Decoder> decoder) noexcept : decoder_{std::move(decoder)} {}
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace ingot::model

namespace ingot {
using model::StaticModel;
}  // namespace ingot
