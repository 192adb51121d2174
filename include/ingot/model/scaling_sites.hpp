// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/scaling_sites.hpp: where a graph lets factors pass from the tensors that write an input to those that read it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <ingot/checkpoint/factors.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/listing.hpp>
#include <ingot/model/open_checkpoint.hpp>

namespace ingot::model {

/// How the factors of a site lie along the rows or columns of a tensor. Index i of [first, first + size * copies) has the factor
/// i / (period * copies) * period + i % period, counted from `first`: runs of `period` factors, each `copies` times before the next.
struct ScaledAxis {
  std::string tensor;                  ///< by its canonical name
  bool rows = false;                   ///< of a matrix; else its columns, or the elements of a vector
  std::size_t period = 1, copies = 1;  ///< without copies factors lie one after the other
  std::size_t first = 0;

  /// Of an index counted from `first`.
  [[nodiscard]] constexpr std::size_t factor(std::size_t index) const noexcept {
    return index / (period * copies) * period + index % period;
  }
};

/// An input that may be divided by factors, one a channel, without a change of what the model computes: what writes it is divided, and
/// what reads it is multiplied. Readers of one site that have it along their columns have it in one way.
struct ScalingSite {
  std::size_t size = 0;             ///< factors
  std::vector<ScaledAxis> writers;  ///< divided
  std::vector<ScaledAxis> readers;  ///< multiplied
};

/// All sites of a decoder, layer by layer: norm -> the matrices behind it; value -> output, a factor for each channel of a KV head;
/// up -> down of gated feed-forwards, for each expert; in latent attention the compressed rows; in the layers that mix otherwise what is
/// linear there. None where the stream itself is normed (Residual::post), where an activation comes between, and at the head: its input is
/// what an embedding model returns. `requests`: those of list_weights(). Compiled in ingot::runtime.
[[nodiscard]] std::vector<ScalingSite> scaling_sites(const Config& config, std::span<const WeightRequest> requests);

/// What tensors are multiplied by, by their canonical names.
using TensorFactors = std::map<std::string, checkpoint::Factors, std::less<>>;

/// Those of the sites' tensors. factors: of each site, [size] and more than 0, or empty for 1. Errors: not_found (a tensor). Compiled in
/// ingot::runtime.
[[nodiscard]] Result<TensorFactors> tensor_factors(const checkpoint::TensorIndex& tensors, std::span<const ScalingSite> sites,
                                                   std::span<const std::vector<float>> factors);

/// The checkpoint with the factors in its weights. factors: as above. The result views the files of `opened`, which must outlive
/// it. Compiled in ingot::runtime.
[[nodiscard]] Result<ModelCheckpoint> folded(const ModelCheckpoint& opened, std::span<const ScalingSite> sites,
                                             std::span<const std::vector<float>> factors);

}  // namespace ingot::model
