// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/mixture_state.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using kernels::InputForm;

namespace {

/// The two kernels that rows need, plainly.
struct PlainKernels {
  void scale(float* x, float factor, std::size_t n) const {
    for (std::size_t i = 0; i < n; ++i) x[i] *= factor;
  }
  void quantize_row(const float* x, std::size_t n, const InputForm& form, std::int8_t* codes, float* scale,
                    std::int32_t* corrections) const {
    for (std::uint32_t b = 0; b < form.scales(); ++b) scale[b] = static_cast<float>(b + 1);
    for (std::size_t i = 0; i < form.columns; ++i) codes[i] = i < n ? static_cast<std::int8_t>(x[i]) : std::int8_t{0};
    for (std::size_t g = 0; g < form.corrections(); ++g) {
      corrections[g] = 0;
      for (std::size_t i = 0; i < form.group; ++i) corrections[g] += form.factor * codes[g * form.group + i];
    }
  }
};

}  // namespace

TEST_CASE("picked rows are those of their source, weighted, in the form of each") {
  constexpr std::size_t rows = 5, columns = 40;
  constexpr InputForm wide{true, 64, 32, -8, 32}, narrow{true, 48, 16, 1}, floats{.columns = columns};
  std::vector<std::vector<float>> source(rows, std::vector<float>(columns));
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) source[r][c] = static_cast<float>((r * 31 + c * 7) % 100) - 50;

  model::PickedRows all, picked;
  all.reserve(rows, columns, false);
  picked.reserve(3, columns, true);
  for (std::size_t r = 0; r < rows; ++r) all.set(PlainKernels{}, r, source[r].data(), columns, 1, wide);
  const std::vector<std::size_t> order{4, 0, 3};
  const auto check = [&](const InputForm& form, float factor) {
    const kernels::Input part = picked.rows(1, 2, form);
    REQUIRE(part.rows == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      const std::vector<float>& row = source[order[i + 1]];
      if (!form.integer) {
        for (std::size_t c = 0; c < columns; ++c) CHECK(part.floats[i * part.stride + c] == factor * row[c]);
        continue;
      }
      for (std::uint32_t b = 0; b < form.scales(); ++b) CHECK(part.scales[i * part.scale_stride + b] == factor * static_cast<float>(b + 1));
      for (std::size_t c = 0; c < form.columns; ++c) CHECK(part.codes[i * part.stride + c] == (c < columns ? row[c] : 0));
      for (std::size_t g = 0; g < form.corrections(); ++g) {
        std::int32_t sum = 0;
        for (std::size_t c = g * form.group; c < (g + 1) * form.group && c < columns; ++c) sum += static_cast<std::int32_t>(row[c]);
        CHECK(part.corrections[i * part.correction_stride + g] == form.factor * sum);
      }
    }
  };
  for (std::size_t i = 0; i < order.size(); ++i) picked.copy(i, all.rows(0, rows, wide), order[i], 0.5f, wide);
  check(wide, 0.5f);
  for (std::size_t i = 0; i < order.size(); ++i) picked.set(PlainKernels{}, i, source[order[i]].data(), columns, 2, narrow);
  check(narrow, 2);
  for (std::size_t i = 0; i < order.size(); ++i) picked.set(PlainKernels{}, i, source[order[i]].data(), columns, 0.25f, floats);
  check(floats, 0.25f);
}

TEST_CASE("what a mixture keeps is bounded, whatever the rows of a step") {
  model::MixtureWidths widths;
  widths.widen({.hidden = 64, .experts = 8, .experts_used = 20, .expert_width = 1 << 15});
  CHECK(widths.used == 8);
  model::MixtureState state;
  state.reserve({}, 1000, 3, false);  // no mixture in the model
  CHECK(state.most_visitors() == 0);
  state.reserve(widths, 1, 3, true);
  CHECK(state.most_visitors() == 8);
  CHECK(&state.lane(2) == &state.own(2));
  state.reserve(widths, 1000, 3, false);
  CHECK(state.most_visitors() == model::expert_rows);  // 256 rows of 32768 are more than wide_floats
  CHECK(state.output.extent(0) == model::expert_rows);
  CHECK(state.logits.extent(0) == 1000);
  CHECK(&state.lane(2) == &state.own(0));
}
