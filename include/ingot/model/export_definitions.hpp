// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/export_definitions.hpp: packing a checkpoint's weights; ingot::runtime compiles it, once.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ingot/core/mapped_file.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/sha256.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/float_product.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/calibrated_export.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/model/kept_codes.hpp>
#include <ingot/model/matrix_exporter.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/model/scale_calibration.hpp>
#include <ingot/model/scale_range.hpp>
#include <ingot/model/scaling_sites.hpp>
#include <ingot/quant/clipping.hpp>
#include <ingot/quant/hqq.hpp>
#include <ingot/quant/package_writer.hpp>
#include <ingot/quant/scale_search.hpp>

namespace ingot::model {

Result<std::vector<PlannedStorage>> planned_storage(const ModelCheckpoint& opened, const ExportOptions& options) {
  INGOT_TRY(const auto requests, list_weights(opened));
  std::vector<std::string> notes;
  std::vector<PlannedStorage> planned;
  for (detail::PlannedMatrix& m : detail::plan(requests, options, notes))
    planned.push_back({std::move(m.name), m.role, {m.scheme, m.tensor->rows(), m.tensor->columns()}});
  return planned;
}

Result<std::vector<std::pair<std::string, std::string>>> source_digests(const ModelCheckpoint& opened, const Cancellation* cancellation) {
  std::vector<std::pair<std::string, std::string>> sources;
  for (const MappedFile& file : opened.files.tensors.files()) {
    if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
    INGOT_TRY(const auto digest, sha256(file.bytes()));
    std::string name = file.path().filename().string();
    const auto known = [&](const auto& source) { return source.first == name; };
    if (std::any_of(sources.begin(), sources.end(), known))  // of an overlay
      name = file.path().parent_path().filename().string() + "/" + name;
    sources.emplace_back(std::move(name), to_hex(digest));
  }
  return sources;
}

Result<ExportReport> export_weights(const ModelCheckpoint& opened, const ExportOptions& asked, quant::PackageWriter& writer,
                                    const ProgressSink& progress, const Cancellation* cancellation) {
  const auto& [checkpoint, config] = opened;
  ExportReport report;
  INGOT_TRY(auto requests, list_weights(opened));
  Team team{asked.threads};
  ExportOptions options = asked;
  INGOT_CHECK(detail::widen_scales(requests, options, team, cancellation, report.notes));
  auto matrices = detail::plan(requests, options, report.notes);
  INGOT_TRY(report.sources, source_digests(opened, cancellation));
  for (const auto& [file, digest] : report.sources) writer.source(file, digest);
  for (const auto& m : matrices) INGOT_CHECK(writer.declare_matrix(m.name, m.scheme, m.tensor->rows(), m.tensor->columns()));
  for (const WeightRequest& request : requests)
    if (!request.is_matrix) INGOT_CHECK(writer.declare_vector(request.name, request.tensor->elements()));

  const quant::Product product = kernels::float_product(kernels::best_functions(), team);
  std::optional<ModelCheckpoint> scaled;
  EquivalentScales scales;
  if (options.scales) {
    if (options.search != Search::nearest) options.scales->clips = false;  // what chooses codes chooses scales, too
    INGOT_TRY(scales, find_scales(opened, requests, matrices, options.calibration, *options.scales, product, team, progress, cancellation,
                                  options.journal));
    INGOT_TRY(scaled, folded(opened, scales.sites, scales.factors));
    INGOT_TRY(requests, list_weights(*scaled));
    std::vector<std::string> known_notes;
    matrices = detail::plan(requests, options, known_notes);
    report.notes.insert(report.notes.end(), scales.notes.begin(), scales.notes.end());
  }
  detail::MatrixExporter exporter{matrices, writer, team, options.journal, progress, cancellation};
  quant::ActivationBlocks blocks;
  if (options.activation_block != 0)
    for (const auto& m : matrices)
      if (m.scheme.is_integer()) blocks.emplace(m.name, options.activation_block);
  const quant::NearestEncoder nearest;
  const quant::HqqEncoder hqq;
  const auto write = [&](std::size_t i, std::vector<float> kept_by) {
    const auto importance = scales.importance.find(matrices[i].tensor->name);
    if (options.search == Search::hqq) return exporter.write(i, hqq, std::move(kept_by));
    if (const auto cut = scales.clips.find(matrices[i].tensor->name); cut != scales.clips.end())
      return exporter.write(i, quant::ClipEncoder{cut->second}, std::move(kept_by));
    if (importance == scales.importance.end()) return exporter.write(i, nearest, std::move(kept_by));
    return exporter.write(i, quant::SearchEncoder{importance->second}, std::move(kept_by));
  };
  const bool by_inputs = options.mask == quant::Mask::wanda &&
                         std::any_of(matrices.begin(), matrices.end(), [](const auto& m) { return m.is_sparse() && !m.was_pruned; });
  if (options.search == Search::gptq || by_inputs) {
    detail::CalibratedExport calibrated{matrices, exporter, options, write, product, team};
    INGOT_CHECK(calibrate(scaled ? *scaled : opened, requests, options.calibration, calibrated, team, cancellation));
    INGOT_CHECK(calibrated.finish());
    if (options.activation_block == 0) blocks = calibrated.activation_blocks();
  } else {
    for (std::size_t i = 0; i < matrices.size(); ++i) INGOT_CHECK(write(i, {}));
  }
  report.matrices = std::move(exporter).finish();
  detail::note_kept_codes(matrices, report.matrices, report.notes);
  for (const WeightRequest& request : requests) {
    if (request.is_matrix) continue;
    INGOT_TRY(const auto values, decode_vector(*request.tensor));
    INGOT_CHECK(writer.write(request.name, std::span<const float>{values.data(), values.size()}));
  }
  INGOT_CHECK(writer.add_file("llm_config.json", checkpoint.config_json));
  if (!blocks.empty()) INGOT_CHECK(writer.add_file(quant::activations_file, quant::to_json(blocks)));
  if (checkpoint.generation_config_json) INGOT_CHECK(writer.add_file("generation_config.json", *checkpoint.generation_config_json));
  return report;
}

}  // namespace ingot::model
