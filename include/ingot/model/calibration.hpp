// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/calibration.hpp: a checkpoint reads a text, layer by layer, and shows what goes into each of its matrices.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/checked.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/kv_shape.hpp>
#include <ingot/model/model.hpp>
#include <ingot/model/open_checkpoint.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/product.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot {
class Team;
}

namespace ingot::model {

struct WeightRequest;

/// Texts as tokens, each a sequence of its own.
struct CalibrationText {
  std::string source;  ///< for the record: a file's name, `built-in`
  std::vector<std::vector<std::int32_t>> sequences;

  [[nodiscard]] std::size_t tokens() const noexcept {
    std::size_t sum = 0;
    for (const auto& sequence : sequences) sum += sequence.size();
    return sum;
  }
};

/// How a model is opened that reads `texts` in one step, layer by layer, and is closed then.
[[nodiscard]] inline Options options_for(std::span<const std::vector<std::int32_t>> texts, std::uint32_t threads) {
  std::size_t positions = 0;  // the cache grants pages in groups
  for (const auto& text : texts) positions += round_up(text.size(), std::size_t{group_pages} * page_positions);
  return {.threads = threads, .positions = static_cast<std::uint32_t>(positions), .kv = quant::f32, .layers_in_turn = true};
}

/// What a calibration is told as the text passes through the layers.
class CalibrationObserver {
 public:
  virtual ~CalibrationObserver() = default;
  /// `x` [rows, columns] is about to be multiplied by `matrix`. All rows of the text at once, but for the experts of a mixture, which
  /// see theirs in parts.
  virtual Status observe(const WeightRequest& matrix, Rows<const float> x) = 0;
  /// The rows that `matrix` is multiplied as: the checkpoint's, or what they have become. Asked once a layer, after the first observe();
  /// of an embedding before anything is computed.
  virtual Result<quant::RowSource> weights(const WeightRequest& matrix) = 0;
  /// All of the layer's matrices have been multiplied; mixtures have all their inputs.
  virtual Status end_layer(std::uint32_t layer) = 0;
};

/// Reads the text in float, on all lanes of `team`. Weights are decoded as they are met and dropped behind their layer: memory is one
/// layer in float32, its keys and values, and the activations of the text. The head is shown its input and not multiplied. `requests`:
/// those of list_weights(). Errors: usage (tokens that are not in the vocabulary), cancelled, those of the observer and of the checkpoint.
/// Compiled in ingot::runtime.
[[nodiscard]] Status calibrate(const ModelCheckpoint& opened, std::span<const WeightRequest> requests, const CalibrationText& text,
                               CalibrationObserver& observer, Team& team, const Cancellation* cancellation = nullptr);

/// The layer whose matrix `name` is: of `model.layers.12.mlp.up_proj.weight` 12; of what is no layer's, none.
[[nodiscard]] std::optional<std::uint32_t> layer_of(std::string_view name) noexcept;

}  // namespace ingot::model
