// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/activation.hpp: the activation functions of feed-forward blocks, by name.

#include <cstddef>
#include <cstdint>

namespace ingot::kernels {

/// silu(x) = x / (1 + e^-x); gelu(x) = x Phi(x), Phi the normal distribution function (arXiv 1606.08415); gelu_tanh: the same with
/// Phi(x) = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2; relu(x) = max(x, 0); quick_gelu(x) = x / (1 + e^(-1.702 x)).
enum class Activation : std::uint8_t { silu, gelu, gelu_tanh, relu, quick_gelu };

inline constexpr std::size_t activation_count = 5;

/// What gate.hpp has for each of them.
using GateFunction = void (*)(const float* gate, const float* up, float* y, std::size_t n) noexcept;
using ActivateFunction = void (*)(float* x, std::size_t n) noexcept;

}  // namespace ingot::kernels
