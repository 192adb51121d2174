// SPDX-License-Identifier: Apache-2.0
// Groups that give a search nothing to hold on to: each encoder must leave finite codes that decode as well as the nearest ones do.
#include <ingot/quant/encoder.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/quant/gptq.hpp>
#include <ingot/quant/hqq.hpp>
#include <ingot/quant/scale_search.hpp>
#include <ingot/quant/visit.hpp>

#include "quant/matrices.hpp"

using namespace ingot;
using namespace ingot::quant;

namespace {

constexpr std::size_t width = 64;

/// Rows of 64 weights, one each.
std::vector<std::pair<std::string, std::vector<float>>> difficult() {
  std::vector<std::pair<std::string, std::vector<float>>> rows;
  const auto add = [&](std::string name, auto value) {
    std::vector<float> row(width);
    for (std::size_t i = 0; i < width; ++i) row[i] = value(i);
    rows.emplace_back(std::move(name), std::move(row));
  };
  const auto wave = [](std::size_t i) { return std::sin(static_cast<float>(i * i)); };
  add("zeros", [](std::size_t) { return 0.f; });
  add("negative zeros", [](std::size_t) { return -0.f; });
  add("constant", [](std::size_t) { return 0.37f; });
  add("negative constant", [](std::size_t) { return -1234.5f; });
  add("tiny constant", [](std::size_t) { return 3e-8f; });
  add("one weight", [](std::size_t i) { return i == 17 ? 0.5f : 0.f; });
  add("one negative weight", [](std::size_t i) { return i == 0 ? -0.5f : 0.f; });
  add("two values", [](std::size_t i) { return i % 3 == 0 ? 0.25f : -0.75f; });
  add("binary16's last number", [](std::size_t i) { return i % 2 == 0 ? 65504.f : -65504.f; });
  add("far from zero", [&](std::size_t i) { return 100.f + 1e-3f * wave(i); });
  for (const float size : {1e-3f, 1e-4f, 1e-5f, 1e-6f, 1e-7f, 1e-8f, 1e-20f, 1e-40f})
    add("subnormal scale " + std::to_string(size), [&](std::size_t i) { return size * wave(i); });
  return rows;
}

struct Errors {
  double absolute = 0, squared = 0;
};
Errors errors(const Scheme& scheme, const Encoder& encoder, const std::vector<float>& row) {
  const PackedLayout layout{scheme, 1, width};
  std::vector<std::uint8_t> codes(layout.padded_columns(), static_cast<std::uint8_t>(scheme.zero_point()));
  std::vector<GroupScale> scales(layout.groups());
  encoder.encode(layout, row, {0, codes, scales});
  std::vector<float> decoded(layout.group_columns());
  Errors sum;
  for (std::size_t group = 0; group < layout.groups(); ++group) {
    REQUIRE((is_finite(scales[group].scale) && is_finite(scales[group].min)));
    const std::size_t begin = group * layout.group_columns();
    decode_group(scheme, scales[group], std::span{codes}.subspan(begin, decoded.size()), decoded);
    for (std::size_t i = 0; i < decoded.size(); ++i) {
      REQUIRE(codes[begin + i] < 1u << scheme.bits);
      REQUIRE(std::isfinite(decoded[i]));
      const double error = static_cast<double>(decoded[i]) - static_cast<double>(row[begin + i]);
      sum.absolute += std::abs(error), sum.squared += error * error;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("zeros, constants and scales below binary16's normal numbers, by every encoder") {
  Team team{1};
  Gram gram{width};
  std::vector<float> inputs(width * width);
  for (std::size_t i = 0; i < width; ++i) inputs[i * width + i] = 1;
  const PaddedRows shape{width, width, width};
  gram.add({{inputs.data(), inputs.size()}, shape}, ingot::test::loops);

  const NearestEncoder nearest;
  const HqqEncoder hqq;
  const SearchEncoder search{std::vector<float>(width, 1.f)};
  for (const Scheme& scheme : shipped) {
    if (!scheme.is_integer() || scheme.scale != Scale::half || scheme.sparsity != Sparsity::dense || scheme.group > 64) continue;
    for (const auto& group : difficult()) {
      const auto& name = group.first;
      const auto& row = group.second;
      INFO(to_string(scheme), ", ", name);
      const auto [reference, squared] = errors(scheme, nearest, row);
      if (name.ends_with("zeros")) CHECK(reference == 0);
      if (name == "constant" || name == "negative constant")
        CHECK(reference <= width * std::abs(static_cast<double>(row[0])) * (scheme.zero == Zero::min ? 0x1p-11 : 1.0 / (1 << scheme.bits)));
      std::vector<float> weights = row;
      const auto gptq = GptqEncoder::create({scheme, 1, width}, weights, gram, {}, ingot::test::loops, team);
      REQUIRE(gptq);
      // All look for the least squares, HQQ where they are no subnormal numbers.
      CHECK(errors(scheme, hqq, row).squared <= squared * (1 + 1e-5) + 1e-37);
      for (const Encoder* encoder :
           {static_cast<const Encoder*>(&hqq), static_cast<const Encoder*>(&search), static_cast<const Encoder*>(&*gptq)})
        CHECK(errors(scheme, *encoder, row).absolute <= 1.5 * reference + 1e-37);
    }
  }
}
