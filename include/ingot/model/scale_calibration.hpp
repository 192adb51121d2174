// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/scale_calibration.hpp: the factors of every site of a graph, searched on a calibration text in float.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <ingot/core/journal.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/model/scaling_sites.hpp>
#include <ingot/quant/equivalent_scales.hpp>
#include <ingot/quant/product.hpp>

namespace ingot::model {

/// What a decoder block's output loses on the text (0 .. 1, model/block_judge.hpp): with the scales that each of its inputs asked for, and
/// with what was found for the block as a whole.
struct BlockLoss {
  double before = 0, after = 0;
};

/// What a search of scales has found.
struct EquivalentScales {
  std::vector<ScalingSite> sites;
  std::vector<std::vector<float>> factors;  ///< of each site, as folded() takes them
  /// Of each matrix that the text has reached, by the name of its tensor: mean squares of its inputs, [columns], divided by the factors.
  std::map<std::string, std::vector<float>, std::less<>> importance;
  /// Of matrices that a block gains by: how far their groups' ranges are cut (quant/clipping.hpp), by the name of the tensor.
  std::map<std::string, std::vector<std::uint8_t>, std::less<>> clips;
  std::vector<BlockLoss> blocks;  ///< of ScaleRule::learned, those that were searched
  std::vector<std::string> notes;
};

/// Reads the text once, in float, and searches each layer's scales for the matrices that `plan` quantizes when the text has passed it:
/// memory is a layer in float32, the activations and some hundred rows of each of the layer's inputs. By ScaleRule::learned the layer is
/// searched once more, as a whole, with clips (model/block_search.hpp), in the memory of the layer's streams, its packed weights and the
/// Grams of its inputs more. A journal takes what each layer got, and what it holds is not searched again. Errors: those of calibrate().
/// Compiled in ingot::runtime.
[[nodiscard]] Result<EquivalentScales> find_scales(const ModelCheckpoint& opened, std::span<const WeightRequest> requests,
                                                   std::span<const detail::PlannedMatrix> plan, const CalibrationText& text,
                                                   const quant::ScaleSearch& scales, const quant::Product& product, Team& team,
                                                   const ProgressSink& progress = {}, const Cancellation* cancellation = nullptr,
                                                   Journal* journal = nullptr);

}  // namespace ingot::model
