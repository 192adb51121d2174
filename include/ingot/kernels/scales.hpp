// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/scales.hpp: reads the scales and mins of a strip of outputs, group by group.

#include <cstddef>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::kernels {

/// Scale and min of one group for the lanes of a strip.
template <class Isa>
struct GroupScale {
  typename Ops<Isa>::floats scale, min;
};

/// Of a plane with a binary32 each. `plane`: the scale plane of the strip's panel, `lane`: the strip's first row in the panel. What lies
/// `ahead` bytes behind is asked for into the L1 cache (0: nothing).
template <class Isa, std::size_t ahead = 0>
INGOT_INLINE GroupScale<Isa> load_single(bool has_min, const std::byte* plane, std::size_t group, std::size_t lane) noexcept {
  using O = Ops<Isa>;
  constexpr std::size_t bytes = 4 * quant::panel_rows;
  const std::byte* p = plane + group * (has_min ? 2 * bytes : bytes) + 4 * lane;
  if constexpr (ahead != 0) O::prefetch(p + ahead);
  return {O::load(p), has_min ? O::load(p + bytes) : O::broadcast(0.f)};
}

/// Of a plane as S says.
template <class Isa, quant::Scheme S, std::size_t ahead = 0>
INGOT_INLINE GroupScale<Isa> load_scale(const std::byte* plane, std::size_t group, std::size_t lane) noexcept {
  using O = Ops<Isa>;
  constexpr quant::PackedLayout panel{S, quant::panel_rows, quant::nested_columns};
  constexpr bool has_min = S.zero == quant::Zero::min;
  constexpr std::size_t group_bytes = panel.group_scale_bytes();
  GroupScale<Isa> result{};
  if constexpr (S.scale == quant::Scale::half) {
    const std::byte* p = plane + group * group_bytes + 2 * lane;
    if constexpr (ahead != 0) O::prefetch(p + ahead);
    result.scale = O::load_halves(p);
    if constexpr (has_min) result.min = O::load_halves(p + 2 * quant::panel_rows);
  } else if constexpr (S.scale == quant::Scale::single) {
    result = load_single<Isa, ahead>(has_min, plane, group, lane);
  } else {
    constexpr std::size_t groups = quant::nested_columns / S.group, header_bytes = panel.nested_header_bytes();
    const std::byte* header = plane + group / groups * (header_bytes + groups * group_bytes);
    const std::byte* p = header + header_bytes + group % groups * group_bytes + lane;
    if constexpr (ahead != 0) O::prefetch(p + ahead);
    if constexpr (has_min) {
      result.scale = O::multiply(O::load_halves(header + 2 * lane), O::load_unsigned(p));
      result.min = O::multiply(O::load_halves(header + 2 * quant::panel_rows + 2 * lane), O::load_unsigned(p + quant::panel_rows));
      result.min = O::multiply(result.min, O::broadcast(-1.f));
    } else {
      result.scale = O::multiply(O::load_halves(header + 2 * lane), O::load_signed(p));
    }
  }
  return result;
}

/// Where it is known at run time only whether it has mins, and whether all of them are binary32 (`wide`) or binary16.
template <class Isa, std::size_t ahead = 0>
INGOT_INLINE GroupScale<Isa> load_scale(bool has_min, bool wide, const std::byte* plane, std::size_t group, std::size_t lane) noexcept {
  using O = Ops<Isa>;
  if (wide) return load_single<Isa, ahead>(has_min, plane, group, lane);
  constexpr std::size_t bytes = 2 * quant::panel_rows;
  const std::byte* p = plane + group * (has_min ? 2 * bytes : bytes) + 2 * lane;
  if constexpr (ahead != 0) O::prefetch(p + ahead);
  return {O::load_halves(p), has_min ? O::load_halves(p + bytes) : O::broadcast(0.f)};
}

}  // namespace ingot::kernels
