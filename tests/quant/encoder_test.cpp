// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/encoder.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::quant;

TEST_CASE("a group encoder sees every group once, cut where the row ends") {
  struct Lister final : GroupEncoder {
    mutable std::vector<std::size_t> columns, sizes;

   private:
    GroupScale encode_group(const Scheme&, std::size_t column, std::span<const float> weights,
                            std::span<std::uint8_t> codes) const noexcept override {
      columns.push_back(column), sizes.push_back(weights.size());
      std::fill(codes.begin(), codes.end(), static_cast<std::uint8_t>(weights[0]));
      return {static_cast<float>(column), 0};
    }
  };
  const PackedLayout layout{{.bits = 4, .group = 32}, 2, 70};
  std::vector<float> weights(140);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i / 70 * 3 + i % 70 / 32);
  std::vector<std::uint8_t> codes(2 * 96, 8);
  std::vector<GroupScale> scales(6);
  const Lister lister;
  lister.encode(layout, weights, {0, codes, scales});
  CHECK(lister.columns == std::vector<std::size_t>{0, 32, 64, 0, 32, 64});
  CHECK(lister.sizes == std::vector<std::size_t>{32, 32, 6, 32, 32, 6});
  for (std::size_t i = 0; i < codes.size(); ++i) CHECK(codes[i] == (i % 96 < 70 ? i / 96 * 3 + i % 96 / 32 : 8));
  CHECK(scales[4].scale == 32);
}

TEST_CASE("the nearest encoder is encode_group for each") {
  const PackedLayout layout{{.bits = 8, .group = 32, .zero = Zero::min}, 3, 50};
  const std::vector<float> weights = test::random_matrix(3, 50, 1);
  std::vector<std::uint8_t> codes(3 * 64), expected(18);
  std::vector<GroupScale> scales(6);
  NearestEncoder{}.encode(layout, weights, {0, codes, scales});
  const GroupScale last = quant::encode_group(layout.scheme, std::span{weights}.subspan(132, 18), expected);
  CHECK(scales[5].scale == last.scale);
  CHECK(scales[5].min == last.min);
  CHECK(std::equal(expected.begin(), expected.end(), codes.begin() + 2 * 64 + 32));
}
