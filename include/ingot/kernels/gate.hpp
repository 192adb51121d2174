// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/gate.hpp: activations of a row, alone and as the gate of another row (arXiv 2002.05202).

#include <array>
#include <cstddef>
#include <utility>

#include <ingot/kernels/activation.hpp>
#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/erfc.hpp>
#include <ingot/kernels/exp.hpp>

namespace ingot::kernels {

namespace detail {

/// x sigmoid(z), sigmoid(z) = 1 / (1 + e^-z)
template <class Isa>
[[nodiscard]] INGOT_INLINE FloatBatch<Isa> times_sigmoid(FloatBatch<Isa> x, FloatBatch<Isa> z) noexcept {
  return x / (FloatBatch<Isa>(1.f) + exponential<Isa>(-z));
}

template <class Isa, Activation A>
[[nodiscard]] INGOT_INLINE FloatBatch<Isa> activated(FloatBatch<Isa> x) noexcept {
  using B = FloatBatch<Isa>;
  if constexpr (A == Activation::silu) {
    return times_sigmoid<Isa>(x, x);
  } else if constexpr (A == Activation::gelu) {
    const B beyond = B(0.5f) * complementary_error<Isa>(xsimd::abs(x) * B(0.707106781f));  // Phi(-|x|)
    return x * xsimd::select(x < B(0.f), beyond, B(1.f) - beyond);
  } else if constexpr (A == Activation::gelu_tanh) {  // (1 + tanh z) / 2 = sigmoid(2 z); 2 sqrt(2 / pi) = 1.5957...
    return times_sigmoid<Isa>(x, x * xsimd::fma(x * x, B(1.59576912f * 0.044715f), B(1.59576912f)));
  } else if constexpr (A == Activation::relu) {
    return xsimd::select(x < B(0.f), B(0.f), x);
  } else {
    static_assert(A == Activation::quick_gelu);
    return times_sigmoid<Isa>(x, x * B(1.702f));
  }
}

template <class Isa, Activation A>
void gate_by(const float* gate, const float* up, float* y, std::size_t n) noexcept {
  transform<Isa>(
      y, n, [](FloatBatch<Isa> g, FloatBatch<Isa> u) { return activated<Isa, A>(g) * u; }, gate, up);
}

template <class Isa, Activation A>
void activate_by(float* x, std::size_t n) noexcept {
  transform<Isa>(
      x, n, [](FloatBatch<Isa> v) { return activated<Isa, A>(v); }, x);
}

template <class Isa, std::size_t... i>
constexpr std::array<GateFunction, activation_count> gates(std::index_sequence<i...>) noexcept {
  return {&gate_by<Isa, static_cast<Activation>(i)>...};
}
template <class Isa, std::size_t... i>
constexpr std::array<ActivateFunction, activation_count> activations(std::index_sequence<i...>) noexcept {
  return {&activate_by<Isa, static_cast<Activation>(i)>...};
}

}  // namespace detail

/// By Activation: y = activation(gate) * up, absolute error below 1e-6 |gate * up|. y may be gate or up.
template <class Isa>
inline constexpr auto gate_functions = detail::gates<Isa>(std::make_index_sequence<activation_count>{});

/// By Activation: x = activation(x), absolute error below 1e-6 |x|.
template <class Isa>
inline constexpr auto activate_functions = detail::activations<Isa>(std::make_index_sequence<activation_count>{});

/// y = (u + 1) g sigmoid(alpha g), g = min(gate, limit), u = clamp(up, -limit, limit): the gate of GPT-OSS (modeling_gpt_oss.py of
/// transformers). y may be gate or up.
template <class Isa>
void gate_clamped(const float* gate, const float* up, float* y, std::size_t n, float limit, float alpha) noexcept {
  using B = FloatBatch<Isa>;
  const auto clamped = [ limit, alpha ](B gate_batch, B up_batch) __attribute__((always_inline)) {
    const B g = xsimd::min(B(limit), gate_batch), u = xsimd::max(B(-limit), xsimd::min(B(limit), up_batch));
    return (u + B(1.f)) * detail::times_sigmoid<Isa>(g, g * B(alpha));
  };
  transform<Isa>(y, n, clamped, gate, up);
}

/// x *= sigmoid(gate)
template <class Isa>
void sigmoid_gate(float* x, const float* gate, std::size_t n) noexcept {
  transform<Isa>(
      x, n, [](FloatBatch<Isa> v, FloatBatch<Isa> g) { return detail::times_sigmoid<Isa>(v, g); }, x, gate);
}

}  // namespace ingot::kernels
