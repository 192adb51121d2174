// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/decoder_model.hpp: a decoder of any family and backend as a Model.

#include <memory>
#include <utility>

#include <ingot/core/team.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/cost.hpp>
#include <ingot/model/decoder.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/kv_shape.hpp>
#include <ingot/model/model.hpp>
#include <ingot/model/output.hpp>
#include <ingot/model/weights.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot::model {

/// A decoder behind Model; keeps the bytes its weights point to.
template <Family F, class Backend>
class DecoderModel final : public Model {
 public:
  DecoderModel(Config config, KvShape kv, Backend backend, Weights<Backend> weights, std::unique_ptr<WeightSource> source,
               const Options& options)
      : Model{std::move(config), std::move(kv), options},
        source_{std::move(source)},
        decoder_{std::move(backend), std::move(weights), this->config()} {}

  [[nodiscard]] Cost cost() const noexcept override { return decoder_.cost(); }

 private:
  void run(const Batch& batch, const Output& output) override { decoder_.step(team(), batch, cache(), output); }
  void run(const Batch& batch, Slice layers, Rows<float> stream) override { decoder_.advance(team(), batch, cache(), layers, stream); }

  std::unique_ptr<WeightSource> source_;
  Decoder<F, Backend> decoder_;
};

}  // namespace ingot::model
