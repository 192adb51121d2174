// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/kept_codes.hpp: what an export says of matrices that keep the codes of their checkpoint.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/model/export.hpp>
#include <ingot/model/export_plan.hpp>

namespace ingot::model::detail {

/// One note when matrices kept their codes, but not every minimum to the bit. `planned[i].as_stored` says of which of `exported` that is.
inline void note_kept_codes(const std::vector<PlannedMatrix>& planned, const std::vector<ExportedMatrix>& exported,
                            std::vector<std::string>& notes) {
  std::size_t rounded = 0;
  double worst = 0;
  for (std::size_t i = 0; i < exported.size(); ++i) {
    if (!planned[i].as_stored || exported[i].error.max_error == 0) continue;
    ++rounded;
    worst = std::max(worst, exported[i].error.relative_rms());
  }
  if (rounded == 0) return;
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), worst, std::chars_format::scientific, 1).ptr;
  notes.push_back(std::to_string(rounded) + " matrices keep their codes; that scales and minimums are binary16 changes them by " +
                  std::string{text.data(), end} + " of their RMS at most");
}

}  // namespace ingot::model::detail
