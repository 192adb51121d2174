// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/rope.hpp: rotary position embedding of a head (arXiv 2104.09864), in both orders of the pairs.

#include <complex>
#include <cstddef>
#include <cstring>

#include <ingot/kernels/batches.hpp>

namespace ingot::kernels {

/// Rotates the pairs (i, i + rotary/2) of a head by the angles whose cosines and sines are given: the order of GPT-NeoX.
template <class Isa>
void rope_half(float* head, const float* cosine, const float* sine, std::size_t rotary) noexcept {
  using B = FloatBatch<Isa>;
  const std::size_t half = rotary / 2;
  float* other = head + half;
  std::size_t i = 0;
  for (; i + B::size <= half; i += B::size) {
    const B a = B::load_unaligned(head + i), b = B::load_unaligned(other + i);
    const B c = B::load_unaligned(cosine + i), s = B::load_unaligned(sine + i);
    (a * c - b * s).store_unaligned(head + i);
    (b * c + a * s).store_unaligned(other + i);
  }
  if (i < half) {
    const std::size_t rest = half - i;
    const B a = load_part<Isa>(head + i, rest, 0.f), b = load_part<Isa>(other + i, rest, 0.f);
    const B c = load_part<Isa>(cosine + i, rest, 0.f), s = load_part<Isa>(sine + i, rest, 0.f);
    store_part<Isa>(head + i, a * c - b * s, rest);
    store_part<Isa>(other + i, b * c + a * s, rest);
  }
}

/// Rotates the pairs (2i, 2i + 1), the order of GPT-J: complex numbers side by side.
template <class Isa>
void rope_pair(float* head, const float* cosine, const float* sine, std::size_t rotary) noexcept {
  using B = FloatBatch<Isa>;
  using Pairs = xsimd::batch<std::complex<float>, typename Isa::batch_arch>;
  const auto rotate = [](float* pairs, B c, B s) __attribute__((always_inline)) {
    auto* const numbers = reinterpret_cast<std::complex<float>*>(pairs);
    const Pairs x = Pairs::load_unaligned(numbers);
    const B a = x.real(), b = x.imag();
    Pairs(a * c - b * s, b * c + a * s).store_unaligned(numbers);
  };
  const std::size_t half = rotary / 2;
  std::size_t i = 0;
  for (; i + B::size <= half; i += B::size) rotate(head + 2 * i, B::load_unaligned(cosine + i), B::load_unaligned(sine + i));
  if (i < half) {
    const std::size_t rest = half - i;
    float last[2 * B::size] = {};
    std::memcpy(last, head + 2 * i, 2 * rest * sizeof(float));
    rotate(last, load_part<Isa>(cosine + i, rest, 0.f), load_part<Isa>(sine + i, rest, 0.f));
    std::memcpy(head + 2 * i, last, 2 * rest * sizeof(float));
  }
}

}  // namespace ingot::kernels
