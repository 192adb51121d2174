// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/calibrate_ranges_definitions.hpp: an observer of extremes; ingot::runtime compiles it, once.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <ingot/core/team.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/onnx/calibrate_ranges.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/quant/codec.hpp>
#include <ingot/quant/import.hpp>

namespace ingot::model::onnx {

namespace detail {

class RangeObserver final : public CalibrationObserver {
 public:
  Status observe(const WeightRequest& matrix, Rows<const float> x) override {
    const std::size_t columns = matrix.tensor->columns();
    for (std::size_t r = 0; r < x.layout().extents().extent(0); ++r) {
      const std::span<const float> row{x.row(r), columns};
      if (!quant::all_finite(row))
        return Error{ErrorCode::damaged, "an input of this matrix is not finite", matrix.name,
                     "the checkpoint does not compute in float32"};
      const auto [low, high] = std::minmax_element(row.begin(), row.end());
      const auto [known, is_new] = ranges.try_emplace(matrix.name, Range{*low, *high});
      if (!is_new) known->second |= {*low, *high};
    }
    return {};
  }
  Result<quant::RowSource> weights(const WeightRequest& matrix) override { return quant::row_source(*matrix.tensor); }
  Status end_layer(std::uint32_t) override { return {}; }

  ActivationRanges ranges;
};

}  // namespace detail

Result<ActivationRanges> calibrate_ranges(const ModelCheckpoint& opened, const CalibrationText& text, std::uint32_t threads,
                                          const Cancellation* cancellation) {
  INGOT_TRY(const auto requests, list_weights(opened));
  detail::RangeObserver observer;
  Team team{threads};
  INGOT_CHECK(calibrate(opened, requests, text, observer, team, cancellation));
  return std::move(observer.ranges);
}

}  // namespace ingot::model::onnx
