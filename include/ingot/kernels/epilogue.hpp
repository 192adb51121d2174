// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/epilogue.hpp: what becomes of a finished tile while it is still in registers.

#include <cstddef>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

/// y = v
template <class Isa>
struct StoreEpilogue {
  INGOT_INLINE static void apply(float* y, typename Ops<Isa>::floats v, std::size_t count) noexcept {
    if (count >= Ops<Isa>::lanes)
      Ops<Isa>::store(y, v);
    else
      Ops<Isa>::store(y, v, count);
  }
};

/// y += v: the residual connection, or the next page of values.
template <class Isa>
struct AddEpilogue {
  INGOT_INLINE static void apply(float* y, typename Ops<Isa>::floats v, std::size_t count) noexcept {
    if (count >= Ops<Isa>::lanes)
      Ops<Isa>::store(y, Ops<Isa>::add(Ops<Isa>::load(y), v));
    else
      Ops<Isa>::store(y, Ops<Isa>::add(Ops<Isa>::load(y, count), v), count);
  }
};

}  // namespace ingot::kernels
