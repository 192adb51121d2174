// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/instantiate.hpp: the decoder of one graph for run-time backends; compiled once, in ingot::runtime.

#include <memory>
#include <utility>

#include <ingot/model/backend.hpp>
#include <ingot/model/bind.hpp>
#include <ingot/model/cached_heads.hpp>
#include <ingot/model/decoder_model.hpp>
#include <ingot/model/open_families.hpp>

namespace ingot::model {

template <Family F>
Result<std::unique_ptr<Model>> Instantiate<F>::open(Config config, std::unique_ptr<WeightSource> source,
                                                    const kernels::Functions& functions, const Options& options) {
  if (kernels::kv_index(options.kv) == kernels::kv_schemes.size())
    return Error{
        ErrorCode::unsupported, "keys and values cannot be stored as " + to_string(options.kv), {}, "use f32, bf16 or int8-channel"};
  INGOT_TRY(auto kv, kv_shape(config, options.kv, options.layers_in_turn));
  RuntimeBackend backend{config, functions, options.kv};
  INGOT_TRY(auto weights, bind_weights<F>(backend, *source, config));
  return std::unique_ptr<Model>{std::make_unique<DecoderModel<F, RuntimeBackend>>(std::move(config), std::move(kv), std::move(backend),
                                                                                  std::move(weights), std::move(source), options)};
}

template <Family F>
Result<std::vector<WeightRequest>> Instantiate<F>::list_weights(const Config& config, const checkpoint::TensorIndex& tensors) {
  ListingSource source{tensors};
  INGOT_CHECK(bind_weights<F>(ListingBackend{config}, source, config));
  return std::move(source).requests();
}

}  // namespace ingot::model
