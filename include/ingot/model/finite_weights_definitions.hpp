// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/finite_weights_definitions.hpp: one pass over all weights; ingot::runtime compiles it, once.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/finite_weights.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/quant/codec.hpp>
#include <ingot/quant/pack.hpp>

namespace ingot::model {

namespace detail {

/// Values of a tensor that are not finite.
struct NonFinite {
  std::uint64_t count = 0;
  std::size_t row = 0;  ///< the first that has one
};

[[nodiscard]] inline Result<NonFinite> find_non_finite(const checkpoint::TensorInfo& tensor, Team& team, const Cancellation* cancellation) {
  const std::size_t rows = tensor.rows(), columns = tensor.columns();
  std::vector<NonFinite> each(team.size());
  const auto look = [&](Lane& lane) -> Status {
    const Slice mine = lane.slice(rows);
    std::vector<float> row(columns);
    for (std::size_t r = mine.begin; r < mine.end; ++r) {
      if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
      INGOT_CHECK(checkpoint::decode_rows(tensor, r, r + 1, row));
      if (quant::all_finite(row)) continue;
      NonFinite& found = each[lane.rank()];
      if (found.count == 0) found.row = r;
      found.count += static_cast<std::uint64_t>(std::count_if(row.begin(), row.end(), [](float x) { return !std::isfinite(x); }));
    }
    return {};
  };
  std::vector<Status> statuses(team.size());
  team.run([&](Lane& lane) { statuses[lane.rank()] = look(lane); });
  NonFinite sum;
  for (std::size_t i = 0; i < each.size(); ++i) {
    INGOT_CHECK(std::move(statuses[i]));
    if (sum.count == 0) sum.row = each[i].row;
    sum.count += each[i].count;
  }
  return sum;
}

}  // namespace detail

Status check_finite(ModelCheckpoint& opened, bool clamps, const NoteSink& note, std::uint32_t threads, const Cancellation* cancellation) {
  INGOT_TRY(const auto requests, list_weights(opened));
  Team team{threads};
  std::set<std::string> marked;
  for (const WeightRequest& request : requests) {
    const checkpoint::TensorInfo& tensor = *request.tensor;
    if (tensor.clamped || marked.contains(tensor.name)) continue;
    INGOT_TRY(const detail::NonFinite found, detail::find_non_finite(tensor, team, cancellation));
    if (found.count == 0) continue;
    if (!clamps)
      return tensor.problem(ErrorCode::damaged,
                            std::to_string(found.count) + " values are not finite, the first in row " + std::to_string(found.row),
                            "the checkpoint is damaged or was trained badly; --keep-going clamps them");
    marked.insert(tensor.name);
    if (note)
      note(tensor.file + ": " + tensor.name + ": " + std::to_string(found.count) +
           " values are not finite: NaN became 0, infinities the largest finite magnitude of their row");
  }
  if (marked.empty()) return {};
  INGOT_TRY(opened.files.tensors, std::move(opened.files.tensors).edited([&](checkpoint::TensorInfo& tensor) {
    tensor.clamped = tensor.clamped || marked.contains(tensor.name);
  }));
  return {};
}

}  // namespace ingot::model
