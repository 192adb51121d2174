// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/export_record.hpp: export.json: how a package was made, and how far it is from its source.

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <ingot/model/bit_allocation.hpp>
#include <ingot/model/export.hpp>
#include <ingot/version.hpp>

#include "support/resident_memory.hpp"

namespace program {

[[nodiscard]] constexpr std::string_view mask_name(ingot::quant::Mask mask) noexcept {
  return mask == ingot::quant::Mask::magnitude ? "magnitude" : mask == ingot::quant::Mask::wanda ? "wanda" : "sparsegpt";
}

/// Matrices stored 2:4.
[[nodiscard]] inline std::size_t sparse_matrices(const ingot::model::ExportReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.matrices.begin(), report.matrices.end(), [](const auto& m) { return m.layout.is_sparse(); }));
}

/// The text of export.json; the export took `seconds` until now.
inline std::string export_record(const std::vector<std::string>& command, const std::string& path,
                                 const ingot::model::ExportOptions& options, const ingot::model::ExportReport& report,
                                 const std::optional<ingot::model::Allocation>& allocation, double seconds) {
  nlohmann::ordered_json j{{"ingot", ingot::version},
                           {"command", command},
                           {"path", path},
                           {"bits_per_weight", report.bits_per_weight()},
                           {"seconds", seconds},
                           {"cpu_seconds", static_cast<double>(std::clock()) / CLOCKS_PER_SEC},
                           {"peak_rss_mb", peak_resident_mb()}};
  if (!options.calibration.sequences.empty())
    j["calibration"] = {{"source", options.calibration.source},
                        {"sequences", options.calibration.sequences.size()},
                        {"tokens", options.calibration.tokens()}};
  if (const auto sparse = sparse_matrices(report); sparse != 0)
    j["sparsity"] = {{"pattern", "2:4"}, {"mask", mask_name(options.mask)}, {"matrices", sparse}};
  if (allocation) {
    j["allocation"] = {{"tokens", allocation->tokens}, {"divergence", allocation->divergence}};
    for (const ingot::model::AllocatedMatrix& m : allocation->matrices)
      j["allocation"]["matrices"].push_back({{"name", m.name}, {"divergence", m.divergence}, {"sensitivity", m.sensitivity}});
  }
  for (const auto& [file, digest] : report.sources) j["sources"].push_back({{"file", file}, {"sha256", digest}});
  for (const ingot::model::ExportedMatrix& m : report.matrices)
    j["matrices"].push_back({{"name", m.name},
                             {"scheme", to_string(m.layout.scheme)},
                             {"bits_per_weight", ingot::quant::bits_per_weight(m.layout)},
                             {"max_error", m.error.max_error},
                             {"relative_rms_error", m.error.relative_rms()}});
  j["notes"] = report.notes;
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace program
