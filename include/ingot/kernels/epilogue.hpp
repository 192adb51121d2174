// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/epilogue.hpp: the end of a tile: its results are completed in registers and written once.

#include <cstddef>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/kernels/matrix.hpp>

namespace ingot::kernels {

/// The biases of a strip of `count` outputs; zeros where there are none.
template <class Isa>
INGOT_INLINE typename Ops<Isa>::floats strip_bias(const float* bias, std::size_t count) noexcept {
  using O = Ops<Isa>;
  if (bias == nullptr) return O::broadcast(0.f);
  return count >= O::lanes ? O::load(bias) : O::load(bias, count);
}

/// Writes a strip of results. Store and add are told apart at run time: one predictable branch a tile costs nothing, while a
/// second instance of every tile doubled the build of ingot::runtime.
template <class Isa>
INGOT_INLINE void write_strip(float* y, typename Ops<Isa>::floats v, typename Ops<Isa>::floats bias, std::size_t count,
                              Update update) noexcept {
  using O = Ops<Isa>;
  v = O::add(O::rounded(v), bias);
  if (count >= O::lanes)
    O::store(y, update == Update::add ? O::add(O::load(y), v) : v);
  else
    O::store(y, update == Update::add ? O::add(O::load(y, count), v) : v, count);
}

}  // namespace ingot::kernels
