// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/epilogue.hpp: what becomes of a finished tile while it is still in registers.

#include <cstddef>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/kernels/matrix.hpp>

namespace ingot::kernels {

/// Writes a strip of results. Store and add are told apart at run time: one predictable branch a tile costs nothing, while a
/// second instance of every tile doubled the build of ingot::runtime.
template <class Isa>
struct Write {
  INGOT_INLINE static void apply(float* y, typename Ops<Isa>::floats v, std::size_t count, Update update) noexcept {
    using O = Ops<Isa>;
    v = O::rounded(v);
    if (count >= O::lanes)
      O::store(y, update == Update::add ? O::add(O::load(y), v) : v);
    else
      O::store(y, update == Update::add ? O::add(O::load(y, count), v) : v, count);
  }
};

}  // namespace ingot::kernels
