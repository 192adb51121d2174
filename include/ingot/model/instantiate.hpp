// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/instantiate.hpp: the decoder of one family for run-time backends; compiled once, in ingot::runtime.

#include <memory>
#include <utility>

#include <ingot/model/backend.hpp>
#include <ingot/model/families/llama.hpp>
#include <ingot/model/families/qwen2.hpp>
#include <ingot/model/families/qwen3.hpp>
#include <ingot/model/model.hpp>
#include <ingot/model/open.hpp>

namespace ingot::model {

namespace detail {

template <class FamilyType, quant::Scheme Kv>
Result<std::unique_ptr<Model>> make_decoder(Config config, std::unique_ptr<WeightSource> source, const kernels::Functions& functions,
                                            const Options& options) {
  RuntimeBackend backend{config.shape, functions};
  INGOT_TRY(auto weights, bind_weights<FamilyType::traits>(backend, *source));
  using Decoder = DecoderModel<FamilyType::traits, RuntimeBackend, Kv>;
  return std::unique_ptr<Model>{std::make_unique<Decoder>(std::move(config), backend, std::move(weights), std::move(source), options)};
}

}  // namespace detail

template <class FamilyType>
Result<std::unique_ptr<Model>> Instantiate<FamilyType>::open(Config config, std::unique_ptr<WeightSource> source,
                                                             const kernels::Functions& functions, const Options& options) {
  Result<std::unique_ptr<Model>> model =
      Error{ErrorCode::unsupported, "keys and values cannot be stored as " + to_string(options.kv), {}, "use f32, bf16 or int8-channel"};
  const auto make = [&]<quant::Scheme Kv>() {
    model = detail::make_decoder<FamilyType, Kv>(std::move(config), std::move(source), functions, options);
  };
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    static_cast<void>(((options.kv == kernels::kv_schemes[i] && (make.template operator()<kernels::kv_schemes[i]>(), true)) || ...));
  }
  (std::make_index_sequence<kernels::kv_schemes.size()>{});
  return model;
}

template <class FamilyType>
Result<std::vector<WeightRequest>> Instantiate<FamilyType>::list_weights(const Config& config, const checkpoint::TensorIndex& tensors) {
  ListingSource source{tensors};
  INGOT_CHECK(bind_weights<FamilyType::traits>(ListingBackend{config.shape}, source));
  return std::move(source).requests();
}

}  // namespace ingot::model
