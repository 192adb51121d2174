// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/export.hpp: a checkpoint becomes a package: each weight packed, compared, written, one after the other.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ingot/core/journal.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/open_checkpoint.hpp>
#include <ingot/model/weights.hpp>
#include <ingot/quant/equivalent_scales.hpp>
#include <ingot/quant/error_statistics.hpp>
#include <ingot/quant/gptq.hpp>
#include <ingot/quant/mask.hpp>
#include <ingot/quant/packed_matrix.hpp>
#include <ingot/quant/package_writer.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot::model {

/// How codes and scales are chosen.
enum class Search : std::uint8_t {
  nearest,  ///< the nearest code of the range that each group's extremes set
  hqq,      ///< by half-quadratic splitting (quant/hqq.hpp)
  gptq,     ///< by what the matrix makes of a calibration text (quant/gptq.hpp)
};

/// How the weights of a package are stored.
struct ExportOptions {
  bool keep_stored = false;  ///< each matrix in the scheme that keeps its codes or floats; the schemes below are for what has none
  bool keep_codes = false;   ///< the same of matrices whose values are codes of several tensors (GPTQ), whatever the others become
  quant::Scheme layers{.bits = 4, .group = 64, .zero = quant::Zero::min};
  quant::Scheme head = layers;  ///< and the embedding, where it is tied
  quant::Scheme embedding = quant::bf16;
  /// Those of single matrices, by their names in the package: they go before all others.
  std::map<std::string, quant::Scheme, std::less<>> schemes{};
  bool separate_embedding = false;  ///< write a tied embedding a second time, in its own scheme
  std::uint32_t threads = 0;        ///< 0: as many as this process may use
  /// Columns of activations that share a scale, a power of two from 32; 0: chosen by measured errors where there is a calibration, else as
  /// usual for the scheme.
  std::uint32_t activation_block = 0;
  Search search = Search::nearest;
  quant::GptqOptions gptq{};  ///< its mask is chosen for it: that below
  /// How matrices that a 2:4 scheme is asked for are pruned, those of a checkpoint that has been pruned apart. wanda reads the calibration
  /// text, sparsegpt is for Search::gptq.
  quant::Mask mask = quant::Mask::magnitude;
  std::optional<quant::ScaleSearch> scales{};  ///< equivalent scales are searched and folded into the weights, before codes are chosen
  CalibrationText calibration{};               ///< of Search::gptq, Mask::wanda and of `scales`
  /// Takes each matrix, and each layer's scales, as they are finished; what it holds is not searched again. It outlives the export, and
  /// belongs to one with the same options and files.
  Journal* journal = nullptr;
};

/// The scheme that matrices of a role are asked for. What is read by rows stays in the embedding's; choices and rates, of few rows, stay
/// exact.
[[nodiscard]] inline quant::Scheme storage_of(Role role, const ExportOptions& options) noexcept {
  switch (role) {
    case Role::head:
      return options.head;
    case Role::embedding:
    case Role::positions:
    case Role::token_types:
      return options.embedding;
    case Role::router:
    case Role::shared_switch:
    case Role::delta_beta:
    case Role::delta_decay:
      return quant::f32;
    case Role::convolution_input: {  // three factors of one product: in 4 bits more than half of all layers' error (0.12 to 0.05)
      quant::Scheme wide = options.layers;
      if (wide.is_integer() && wide.bits < 8) wide.bits = 8;
      return wide;
    }
    default:
      return options.layers;
  }
}

/// What became of one matrix.
struct ExportedMatrix {
  std::string name;
  Role role{};  ///< that of a tied matrix is the head
  quant::PackedLayout layout;
  quant::ErrorStatistics error;  ///< against the checkpoint's own values
};

/// What export_weights() did.
struct ExportReport {
  std::vector<ExportedMatrix> matrices;
  std::vector<std::pair<std::string, std::string>> sources;  ///< file name, SHA-256
  std::vector<std::string> notes;                            ///< where a request was not followed to the letter

  /// Bits a weight of all matrices together, scales and padding counted.
  [[nodiscard]] double bits_per_weight() const noexcept {
    double bits = 0, weights = 0;
    for (const ExportedMatrix& m : matrices) {
      const double count = static_cast<double>(m.layout.rows) * static_cast<double>(m.layout.columns);
      bits += quant::bits_per_weight(m.layout) * count;
      weights += count;
    }
    return weights > 0 ? bits / weights : 0;
  }
};

/// The checkpoint's files, each with its SHA-256. Errors: cancelled. Compiled in ingot::runtime.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> source_digests(const ModelCheckpoint& opened,
                                                                                      const Cancellation* cancellation);

/// A matrix of the package to be.
struct PlannedStorage {
  std::string name;
  Role role{};  ///< that of a tied matrix is the head
  quant::PackedLayout layout;
};

/// The matrices that export_weights() would write, in its order. Errors: damaged, unsupported. Compiled in ingot::runtime.
[[nodiscard]] Result<std::vector<PlannedStorage>> planned_storage(const ModelCheckpoint& opened, const ExportOptions& options);

/// Writes all weights of `opened` to `writer`, tensor by tensor: peak memory is the largest packed matrix. The caller adds its
/// files and commits. Errors: damaged, unsupported (a family, type or scheme), disk, cancelled. Compiled in ingot::runtime.
Result<ExportReport> export_weights(const ModelCheckpoint& opened, const ExportOptions& options, quant::PackageWriter& writer,
                                    const ProgressSink& progress, const Cancellation* cancellation);

}  // namespace ingot::model
