// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/pack.hpp: float rows to the packed layout, quantized on the way; panel by panel, so that lanes share it.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ingot/core/checked.hpp>
#include <ingot/core/result.hpp>
#include <ingot/core/team.hpp>
#include <ingot/quant/codec.hpp>
#include <ingot/quant/codes.hpp>
#include <ingot/quant/encoder.hpp>
#include <ingot/quant/matrix_view.hpp>
#include <ingot/quant/visit.hpp>

namespace ingot::quant {

/// Writes rows [begin, end) of a matrix into `out`, row-major, (end - begin) * columns floats. Called from several threads at
/// once. An Error (a damaged input, a cancellation) ends the packing.
using RowSource = std::function<Status(std::size_t begin, std::size_t end, std::span<float> out)>;

/// Most bytes one plane of a matrix may take; keeps every size and offset of a PackedLayout within 64 bits.
inline constexpr std::size_t plane_limit = std::size_t{1} << 46;

/// The layout of a matrix whose sizes come from outside. Errors: unsupported (a scheme not shipped), damaged (empty or too large).
[[nodiscard]] inline Result<PackedLayout> checked_layout(const Scheme& scheme, std::size_t rows, std::size_t columns) {
  if (!is_shipped(scheme)) return Error{ErrorCode::unsupported, "no kernels for the scheme " + to_string(scheme), {}, {}};
  // Four bytes a weight and both planes padded to panels and blocks of 256 columns: more than any scheme takes.
  const bool small = rows < plane_limit && columns < plane_limit;
  const auto weights = small ? checked_mul(round_up(rows, panel_rows), round_up(columns, nested_columns)) : std::nullopt;
  if (rows == 0 || columns == 0 || !weights || *weights > plane_limit / 4)
    return Error{ErrorCode::damaged, "a matrix of " + std::to_string(rows) + " x " + std::to_string(columns) + " cannot be packed", {}, {}};
  return PackedLayout{scheme, rows, columns};
}

namespace detail {

inline void store_half(std::byte* at, ingot::f16 h) noexcept { std::memcpy(at, &h, sizeof h); }

[[nodiscard]] inline Error row_problem(ErrorCode code, std::string what, std::size_t row, std::string hint = {}) {
  return {code, std::move(what), "row " + std::to_string(row), std::move(hint)};
}

/// Rows of one panel in a scheme without codes. Errors: a value that the narrower type cannot hold.
inline Status store_floats(const PackedLayout& layout, std::span<const float> rows, std::size_t first_row, std::byte* quants) {
  const std::size_t step = layout.unit_columns();
  std::memset(quants, 0, layout.panel_quant_bytes());
  for (std::size_t row = 0; row < rows.size() / layout.columns; ++row)
    for (std::size_t column = 0; column < layout.columns; ++column) {
      const float value = rows[row * layout.columns + column];
      std::byte* at = quants + column / step * line_bytes + row * 4 + column % step * (layout.scheme.bits / 8);
      if (layout.scheme.bits == 32) {
        std::memcpy(at, &value, sizeof value);
        continue;
      }
      const bool brain = layout.scheme.element == Element::brain;
      const std::uint16_t bits = brain ? to_bf16(value).bits : to_f16(value).bits, exponent = brain ? 0x7f80 : 0x7c00;
      if ((bits & exponent) == exponent)
        return row_problem(ErrorCode::unsupported, "a weight is too large for " + to_string(layout.scheme), first_row + row,
                           "keep it in f32");
      std::memcpy(at, &bits, sizeof bits);
    }
  return {};
}

/// Room for one panel on its way.
struct PanelScratch {
  explicit PanelScratch(const PackedLayout& layout)
      : rows{panel_rows * layout.columns},
        codes{layout.scheme.is_integer() ? panel_rows * layout.padded_columns() : 0},
        scales(layout.scheme.is_integer() ? panel_rows * layout.groups() : 0) {}
  Buffer<float> rows;              // [16, columns]
  Buffer<std::uint8_t> codes;      // [16, padded columns]
  std::vector<GroupScale> scales;  // [16, groups]
};

/// Stores a group's scale (and min) of row `row` of a panel.
inline void store_scale(const PackedLayout& layout, std::size_t row, std::size_t group, const GroupScale& scale,
                        std::byte* scales) noexcept {
  const std::size_t size = layout.scale_size();
  std::byte* const at = scales + layout.scale_offset(row, group) + row * size;
  const auto store = [&](std::byte* to, float value) {
    if (layout.scheme.scale == Scale::half) return store_half(to, to_f16(value));
    std::memcpy(to, &value, sizeof value);
  };
  store(at, scale.scale);
  if (layout.scheme.zero == Zero::min) store(at + panel_rows * size, scale.min);
}

inline Status pack_panel(const PackedLayout& layout, std::span<const float> rows, std::size_t first_row, const Encoder& encoder,
                         PanelScratch& scratch, std::byte* quants, std::byte* scales) {
  const Scheme& scheme = layout.scheme;
  const std::size_t count = rows.size() / layout.columns, groups = layout.groups();
  for (std::size_t row = 0; row < count; ++row)
    if (!all_finite(rows.subspan(row * layout.columns, layout.columns)))
      return row_problem(ErrorCode::damaged, "a weight is not finite", first_row + row, "the checkpoint is damaged or was trained badly");
  if (!scheme.is_integer()) return store_floats(layout, rows, first_row, quants);

  const std::span<std::uint8_t> codes{scratch.codes.data(), scratch.codes.size()};
  std::fill(codes.begin(), codes.end(), static_cast<std::uint8_t>(scheme.zero_point()));
  encoder.encode(layout, rows, {first_row, codes.first(count * layout.padded_columns()), std::span{scratch.scales}.first(count * groups)});
  std::memset(scales, 0, layout.panel_scale_bytes());
  for (std::size_t row = 0; layout.is_sparse() && row < count; ++row)
    if (!is_two_of_four(codes.subspan(row * layout.padded_columns(), layout.padded_columns()),
                        static_cast<std::uint8_t>(scheme.zero_point())))
      return row_problem(ErrorCode::unsupported, "more than two of four weights are not zero", first_row + row, "prune the matrix first");
  for (std::size_t row = 0; row < count; ++row)
    for (std::size_t group = 0; group < layout.filled_groups(); ++group) {
      const GroupScale& chosen = scratch.scales[row * groups + group];
      if (!std::isfinite(chosen.scale) || !std::isfinite(chosen.min))
        return row_problem(ErrorCode::unsupported, "the weights are too large for the scales of " + to_string(scheme), first_row + row,
                           "take scales of 32 bits, or keep this matrix in bf16 or f32");
      store_scale(layout, row, group, chosen, scales);
    }
  store_codes(layout, codes, quants);
  return {};
}

/// Runs `work(Slice) -> Status` on every lane's share of `items`; the Error of the lowest lane that failed.
template <class Work>
Status for_each_slice(Team& team, std::size_t items, Work&& work) {
  std::vector<std::optional<Error>> failures(team.size());
  team.run([&](Lane& lane) {
    const Slice slice = lane.slice(items);
    if (slice.empty()) return;
    if (auto status = work(slice); !status) failures[lane.rank()] = std::move(status).error();
  });
  for (auto& failure : failures)
    if (failure) return *std::move(failure);
  return {};
}

}  // namespace detail

/// Packs the panels of `slice` (panel p holds rows 16 p to 16 p + 15), so that lanes can share a matrix and a writer can stream it.
/// `quants` and `scales` are the bytes of these panels alone: slice.size() times panel_quant_bytes() and panel_scale_bytes().
/// `encoder` quantizes for integer schemes; nested scales are only imported (import.hpp).
/// Errors, with `row N` as the place (add the tensor with Error::in): damaged (not finite), unsupported (too large for the scheme,
/// nested scales, more than two of four weights for a 2:4 scheme), and those of `source`.
inline Status pack(const PackedLayout& layout, const RowSource& source, Slice slice, std::span<std::byte> quants,
                   std::span<std::byte> scales, const Encoder& encoder = NearestEncoder{}) {
  assert(slice.end <= layout.panels() && quants.size() == slice.size() * layout.panel_quant_bytes());
  assert(scales.size() == slice.size() * layout.panel_scale_bytes());
  if (layout.scheme.scale == Scale::nested)
    return Error{
        ErrorCode::unsupported, to_string(layout.scheme) + " holds imported weights only", {}, "choose a scheme without nested scales"};
  detail::PanelScratch scratch{layout};
  for (std::size_t panel = slice.begin; panel < slice.end; ++panel) {
    const std::size_t first = panel * panel_rows, end = std::min(first + panel_rows, layout.rows), done = panel - slice.begin;
    const std::span<float> rows{scratch.rows.data(), (end - first) * layout.columns};
    INGOT_CHECK(source(first, end, rows));
    INGOT_CHECK(detail::pack_panel(layout, rows, first, encoder, scratch, quants.data() + done * layout.panel_quant_bytes(),
                                   scales.data() + done * layout.panel_scale_bytes()));
  }
  return {};
}

/// Packs a whole matrix on all lanes of `team`; the bytes do not depend on their number. Errors: as above, and checked_layout().
[[nodiscard]] inline Result<PackedStorage> pack(const Scheme& scheme, std::size_t rows, std::size_t columns, const RowSource& source,
                                                Team& team, const Encoder& encoder = NearestEncoder{}) {
  INGOT_TRY(const PackedLayout layout, checked_layout(scheme, rows, columns));
  PackedStorage storage{scheme, rows, columns};
  INGOT_CHECK(detail::for_each_slice(team, layout.panels(), [&](Slice slice) {
    return pack(layout, source, slice,
                storage.quants().subspan(slice.begin * layout.panel_quant_bytes(), slice.size() * layout.panel_quant_bytes()),
                storage.scales().subspan(slice.begin * layout.panel_scale_bytes(), slice.size() * layout.panel_scale_bytes()), encoder);
  }));
  return storage;
}

}  // namespace ingot::quant
