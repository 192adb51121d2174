// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/allocation_table.hpp: the bits that each matrix got, and what it is expected to cost, for people.

#include <string>

#include <fmt/format.h>

#include <ingot/model/bit_allocation.hpp>

namespace program {

/// A line a matrix, and one for all.
[[nodiscard]] inline std::string allocation_table(const ingot::model::Allocation& allocation) {
  std::string table = fmt::format("{:52} {:16} {:>6}  {}\n", "matrix", "scheme", "bits", "divergence, millinats a token");
  for (const ingot::model::AllocatedMatrix& m : allocation.matrices)
    table += fmt::format("{:52} {:16} {:6.2f}  {:.4f}\n", m.name, to_string(m.layout.scheme), ingot::quant::bits_per_weight(m.layout),
                         1e3 * m.divergence);
  return table + fmt::format("{:52} {:16} {:6.2f}  {:.4f}\n", "all matrices", "", allocation.bits_per_weight, 1e3 * allocation.divergence);
}

}  // namespace program
