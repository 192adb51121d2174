// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/exported.hpp: a checkpoint exported to a package, as the program does it.

#include <filesystem>
#include <string>
#include <utility>

#include <ingot/model/export.hpp>

#include <doctest/doctest.h>

namespace ingot::test {

inline Result<model::ExportReport> try_export(const std::filesystem::path& from, const std::filesystem::path& to,
                                              const model::ExportOptions& options, const ProgressSink& progress = {},
                                              const Cancellation* cancellation = nullptr) {
  INGOT_TRY(const auto opened, model::open_checkpoint(from));
  INGOT_TRY(auto writer, quant::PackageWriter::create(to, opened.config.model_type));
  INGOT_TRY(auto report, model::export_weights(opened, options, writer, progress, cancellation));
  INGOT_CHECK(writer.commit());
  return report;
}

inline model::ExportReport export_model(const std::filesystem::path& from, const std::filesystem::path& to,
                                        const model::ExportOptions& options) {
  auto report = try_export(from, to, options);
  INFO((report ? std::string{} : report.error().message()));
  REQUIRE(report);
  return *std::move(report);
}

/// Everything in one scheme.
inline model::ExportOptions uniform(const quant::Scheme& scheme) {
  return {.layers = scheme, .head = scheme, .embedding = scheme, .threads = 2};
}

}  // namespace ingot::test
