// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/scale_range.hpp: matrices whose scales binary16 cannot hold get scales of binary32.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/quant/pack.hpp>

namespace ingot::model::detail {

/// Of what type the values beyond binary16 may be. (Codes of blocks have factors of binary16; one that is hostile is refused later.)
[[nodiscard]] inline bool may_exceed_half(const checkpoint::TensorInfo& tensor) noexcept {
  using checkpoint::ElementType;
  if (tensor.values || tensor.factors) return true;
  return tensor.type == ElementType::f32 || tensor.type == ElementType::bf16 || tensor.type == ElementType::f64;
}

/// The largest finite magnitude among the tensor's rows. The search ends with the first row that has one of `enough`.
[[nodiscard]] inline Result<float> largest_magnitude(const checkpoint::TensorInfo& tensor, float enough, Team& team,
                                                     const Cancellation* cancellation) {
  const quant::RowSource source = quant::row_source(tensor);
  const std::size_t columns = tensor.columns();
  const auto largest = [&](Slice rows, float stop) -> Result<float> {
    std::vector<float> row(columns);
    float most = 0;
    for (std::size_t r = rows.begin; r < rows.end && most < stop; ++r) {
      if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
      INGOT_CHECK(source(r, r + 1, row));
      for (const float value : row)
        if (const float magnitude = std::abs(value); std::isfinite(magnitude)) most = std::max(most, magnitude);
    }
    return most;
  };
  std::vector<float> parts(team.size());
  INGOT_TRY(const float first, largest({0, std::min<std::size_t>(tensor.rows(), 16)}, enough));
  if (first >= enough) return first;
  const std::size_t share = divide_up(tensor.rows(), parts.size());
  INGOT_CHECK(quant::detail::for_each_slice(team, parts.size(), [&](Slice slice) -> Status {
    for (std::size_t i = slice.begin; i < slice.end; ++i) {
      const std::size_t begin = std::min(i * share, tensor.rows());
      INGOT_TRY(parts[i], largest({begin, std::min(begin + share, tensor.rows())}, enough));
    }
    return {};
  }));
  return *std::max_element(parts.begin(), parts.end());
}

/// Adds to `options.schemes` those of the matrices whose scales (or mins) would be too large for binary16, or, in every group, below its
/// normal numbers; a note for each. Errors: those of reading.
inline Status widen_scales(const std::vector<WeightRequest>& requests, ExportOptions& options, Team& team, const Cancellation* cancellation,
                           std::vector<std::string>& notes) {
  std::vector<std::string> known;
  for (const PlannedMatrix& m : plan(requests, options, known)) {
    if (!m.is_searched() || m.scheme.scale != quant::Scale::half) continue;
    const float steps = static_cast<float>((1 << (m.scheme.bits - 1)) - 1), least = steps * quant::least_scale(m.scheme);
    const float most = m.scheme.zero == quant::Zero::min ? 65504.f : 65504.f * steps;
    INGOT_TRY(const float largest, largest_magnitude(*m.tensor, may_exceed_half(*m.tensor) ? most : least, team, cancellation));
    if (largest == 0 || (largest >= least && largest < most)) continue;
    quant::Scheme wide = m.scheme;
    wide.scale = quant::Scale::single;
    options.schemes.insert_or_assign(m.name, wide);
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), largest, std::chars_format::general, 3).ptr;
    notes.push_back(m.name + ": scales of 32 bits, as 16 cannot hold those of weights up to " + std::string{digits.data(), end});
  }
  return {};
}

}  // namespace ingot::model::detail
