// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/export_onnx.hpp: a checkpoint becomes ONNX: graphs, and one file of weights that they share.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include <ingot/core/atomic_file.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/onnx/decoder_graph.hpp>
#include <ingot/model/open_checkpoint.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model::onnx {

inline constexpr std::string_view graph_file = "model.onnx", decode_file = "decode.onnx", data_file = "model.onnx_data";

/// A directory of ONNX files, which appears whole or not at all.
class OnnxDirectory {
 public:
  /// Errors: usage (something stands there that is neither such a directory nor an empty one), disk.
  [[nodiscard]] static Result<OnnxDirectory> create(const std::filesystem::path& path);
  /// Errors: other (not a plain name), disk.
  [[nodiscard]] Status add_file(std::string_view name, std::string_view contents) const;
  /// Errors: disk. After one nothing is left behind.
  [[nodiscard]] Status commit();
  /// Where files are written until commit().
  [[nodiscard]] const std::filesystem::path& temporary_path() const noexcept { return directory_.temporary_path(); }

 private:
  AtomicDirectory directory_;
};

/// Writes `model.onnx` (with fixed extents also `decode.onnx`, of one position a run), its weights, and the checkpoint's configs.
/// Weights are written one after the other: peak memory is the largest one in float32. They are those of `packed`, a package of this
/// checkpoint with the same schemes and its embedding apart: what a search has chosen; nullptr: the checkpoint's, rounded to nearest.
/// Errors: as decoder_graph(), before anything is written; damaged, unsupported (a package of other schemes), disk, cancelled. Compiled in
/// ingot::runtime.
[[nodiscard]] Status export_onnx(const ModelCheckpoint& opened, const GraphForm& form, const OnnxDirectory& directory, WeightSource* packed,
                                 std::uint32_t threads, const ProgressSink& progress, const Cancellation* cancellation);

}  // namespace ingot::model::onnx
