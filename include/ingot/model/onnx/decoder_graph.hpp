// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/decoder_graph.hpp: the graph of a decoder, from its family's traits and its config.

#include <cstdint>
#include <span>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/onnx/activation_ranges.hpp>
#include <ingot/model/onnx/graph.hpp>
#include <ingot/model/onnx/weight_store.hpp>

namespace ingot::model::onnx {

/// The form of a graph. `rows` 0: any number of sequences, positions and cached positions. Else one sequence, `rows` positions a run
/// and `cached` ones before them, always: what is not there yet is masked.
struct GraphForm {
  ExportOptions weights = {};  ///< schemes by role: float ones, or symmetric integers
  ActivationForm activations = {};
  ActivationRanges ranges = {};  ///< with activations.bits
  std::uint32_t rows = 0, cached = 0;

  /// Keys of a run with fixed extents.
  [[nodiscard]] std::int64_t context() const noexcept { return std::int64_t{rows} + cached; }
};

struct DecoderGraph {
  Graph graph;
  std::vector<StoredWeight> weights;  ///< of the data file, in its order; they point to the requests
};

/// Names of inputs and outputs are those of Hugging Face's exporters:
///   input_ids, position_ids [batch, sequence] int64, attention_mask [batch, past + sequence] int64: 1, or 0 where nothing is;
///   past_key_values.N.key, .value [batch, kv_heads, past, head_dim] of the layer N;
///   logits [batch, sequence, vocabulary]; present.N.key, .value: the past ones and behind them those of the run; in a graph of fixed
///   extents the latest of them, as many as went in.
/// Computes what decoder.hpp does, in float32. Errors: unsupported (by the name of what it lacks); usage (a form that cannot be).
[[nodiscard]] Result<DecoderGraph> decoder_graph(const Family& family, const Config& config, std::span<const WeightRequest> requests,
                                                 const GraphForm& form);

}  // namespace ingot::model::onnx
