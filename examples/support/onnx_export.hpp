// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/onnx_export.hpp: --export onnx: its options, and a checkpoint written as ONNX.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <ingot/core/json.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/add_text.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/onnx/calibrate_ranges.hpp>
#include <ingot/model/onnx/export_onnx.hpp>
#include <ingot/model/package_source.hpp>
#include <ingot/quant/package_writer.hpp>

#include "support/program.hpp"
#include "support/progress_bar.hpp"

namespace program {

/// Masks of a graph of fixed extents are [chunk, context].
inline constexpr std::uint32_t most_positions = 1u << 20;

struct OnnxOptions {
  std::string format, ranges;
  int activation_bits = 0;
  bool symmetric_activations = false;
  std::uint32_t rows = 128, context = 2048;

  [[nodiscard]] bool calibrates() const noexcept { return format == "onnx" && activation_bits != 0 && ranges.empty(); }
};

inline void add_onnx_options(CLI::App& app, OnnxOptions& o) {
  const std::string group = "ONNX";
  app.add_option("--export", o.format, "onnx: write a graph instead of a package, float32 without options of quantization; mnn: a package")
      ->check(CLI::IsMember({"onnx", "mnn"}))
      ->group(group);
  app.add_option("--act-bit", o.activation_bits, "static integer activations by --calib-data, and fixed extents, for NPUs: 8, 16")
      ->check(CLI::IsMember({8, 16}))
      ->group(group);
  app.add_flag("--act-sym", o.symmetric_activations, "signed activations whose zero is 0")->group(group);
  app.add_option("--act-ranges", o.ranges,
                 "their ranges instead of a calibration, JSON: {\"model.layers.0.self_attn.q_proj.weight\": [min, max], ...}")
      ->group(group);
  app.add_option("--onnx-chunk", o.rows, "with --act-bit: positions a run")->capture_default_str()->group(group);
  app.add_option("--onnx-context", o.context, "with --act-bit: positions in all")->capture_default_str()->group(group);
}

/// 16 bits are what MNN calls activations that stay as they are. Errors: unsupported (options that packages have no use for).
inline ingot::Result<bool> wants_onnx(const OnnxOptions& o) {
  if (o.format == "onnx") return true;
  if ((o.activation_bits == 8 || o.symmetric_activations || !o.ranges.empty()))
    return ingot::Error{ingot::ErrorCode::unsupported, "packages quantize activations as they come", "--act-bit", "give --export onnx"};
  return false;
}

/// Errors: damaged (no object of pairs of numbers), not_found, disk.
inline ingot::Result<ingot::model::onnx::ActivationRanges> read_ranges(const std::string& path) {
  INGOT_TRY(const auto file, ingot::MappedFile::open(path));
  INGOT_TRY(const auto document, ingot::json::Document::parse(file.text(), path));
  ingot::model::onnx::ActivationRanges ranges;
  const auto read = [&](std::string_view place, const ingot::json::Value& range) -> ingot::Status {
    std::vector<float> ends;
    const auto read_end = [&](const ingot::json::Value& end) -> ingot::Status {
      INGOT_TRY(ends.emplace_back(), end.as<float>(place));
      return {};
    };
    INGOT_CHECK(range.each_element(read_end));
    if (ends.size() != 2) return document.root().problem("a pair of numbers expected for", place);
    ranges[std::string{place}] = {ends[0], ends[1]};
    return {};
  };
  INGOT_CHECK(document.root().each_member(read));
  return ranges;
}

/// What the options ask for. Weights are symmetric: their integers are what NPUs multiply.
inline ingot::Result<ingot::model::onnx::GraphForm> onnx_form(const OnnxOptions& o, const ingot::model::ExportOptions& options,
                                                              bool quantize) {
  namespace quant = ingot::quant;
  ingot::model::onnx::GraphForm form;
  form.weights = options;
  form.weights.keep_stored = false;
  if (!quantize && options.search == ingot::model::Search::nearest)
    form.weights.layers = form.weights.head = form.weights.embedding = quant::f32;
  form.weights.layers.zero = form.weights.head.zero = quant::Zero::none;
  if (form.weights.embedding.is_integer())
    return ingot::Error{ingot::ErrorCode::unsupported, "an ONNX graph gathers rows of floats", "--embed-bit", "leave it out"};
  if (o.activation_bits == 0) return form;
  form.activations = {static_cast<std::uint8_t>(o.activation_bits), o.symmetric_activations};
  if (o.rows == 0 || o.context <= o.rows || o.context > most_positions)
    return ingot::Error{ingot::ErrorCode::usage, "the context must be longer than a chunk", "--onnx-context", {}};
  form.rows = o.rows, form.cached = o.context - o.rows;
  if (!o.ranges.empty()) {
    INGOT_TRY(form.ranges, read_ranges(o.ranges));
  }
  return form;
}

/// A package of what a search chooses, in a folder that is gone with what it is returned to.
class SearchedPackage {
 public:
  SearchedPackage() = default;
  SearchedPackage(const SearchedPackage&) = delete;
  SearchedPackage& operator=(const SearchedPackage&) = delete;
  ~SearchedPackage() { remove(); }
  void remove() {
    std::error_code ignored;
    weights_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  ingot::Status make(const ingot::model::ModelCheckpoint& opened, ingot::model::ExportOptions options, const std::filesystem::path& folder,
                     const ingot::ProgressSink& progress) {
    options.separate_embedding = true;
    folder_ = folder;
    INGOT_TRY(auto writer, ingot::quant::PackageWriter::create(folder, opened.config.model_type));
    INGOT_TRY(const auto report, ingot::model::export_weights(opened, options, writer, progress, &cancellation));
    INGOT_CHECK(writer.commit());
    INGOT_TRY(auto package, ingot::quant::Package::open(folder));
    weights_.emplace(std::move(package));
    return {};
  }
  [[nodiscard]] ingot::model::WeightSource* weights() noexcept { return weights_ ? &*weights_ : nullptr; }

 private:
  std::filesystem::path folder_;
  std::optional<ingot::model::PackageSource> weights_;
};

/// Writes graphs, weights, configs and the original tokenizer files to the directory `destination`.
inline ingot::Status export_onnx(const ingot::model::ModelCheckpoint& opened, ingot::model::onnx::GraphForm form,
                                 const std::string& destination, const ingot::generation::TextAssets* text, bool quiet) {
  namespace onnx = ingot::model::onnx;
  INGOT_TRY(auto directory, onnx::OnnxDirectory::create(destination));
  ProgressBar progress{quiet};
  const std::uint32_t threads = form.weights.threads;
  if (form.activations.bits != 0 && form.ranges.empty()) {
    INGOT_TRY(form.ranges, onnx::calibrate_ranges(opened, form.weights.calibration, threads, &cancellation));
  }
  SearchedPackage searched;
  if (form.weights.search != ingot::model::Search::nearest)
    INGOT_CHECK(searched.make(opened, form.weights, directory.temporary_path() / ".searched", std::ref(progress)));
  INGOT_CHECK(onnx::export_onnx(opened, form, directory, searched.weights(), threads, std::ref(progress), &cancellation));
  if (text != nullptr)
    INGOT_CHECK(ingot::generation::add_text(*text, [&](std::string_view name, std::string_view bytes) {
      return name == "tokenizer.bin" ? ingot::Status{} : directory.add_file(name, bytes);  // that one is of packages
    }));
  searched.remove();
  INGOT_CHECK(cancellation.check());
  INGOT_CHECK(directory.commit());
  progress.clear();
  return {};
}

}  // namespace program
