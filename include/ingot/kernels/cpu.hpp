// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/cpu.hpp: all kernels of one ISA as a type, for models whose shape is known to the compiler.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ingot/kernels/append.hpp>
#include <ingot/kernels/attention.hpp>
#include <ingot/kernels/causal_convolution.hpp>
#include <ingot/kernels/delta_rule.hpp>
#include <ingot/kernels/dequantize.hpp>
#include <ingot/kernels/elementwise.hpp>
#include <ingot/kernels/gate.hpp>
#include <ingot/kernels/hadamard.hpp>
#include <ingot/kernels/isa/compiled.hpp>
#include <ingot/kernels/multiply.hpp>
#include <ingot/kernels/norms.hpp>
#include <ingot/kernels/quantize.hpp>
#include <ingot/kernels/rope.hpp>
#include <ingot/kernels/softmax.hpp>

namespace ingot::kernels {

/// The kernels compiled for Isa: direct calls. An object of it is spelled like a Functions (functions.hpp), so that one decoder
/// template takes either.
template <class Isa>
struct Cpu {
  [[nodiscard]] static constexpr std::string_view name() noexcept { return Isa::name(); }

  static void rms_norm(const float* x, const float* weight, float* y, std::size_t n, float eps) noexcept {
    kernels::rms_norm<Isa>(x, weight, y, n, eps);
  }
  static void layer_norm(const float* x, const float* weight, const float* bias, float* y, std::size_t n, float eps) noexcept {
    kernels::layer_norm<Isa>(x, weight, bias, y, n, eps);
  }
  static void add(float* x, const float* delta, std::size_t n) noexcept { kernels::add<Isa>(x, delta, n); }
  static void add_scaled(float* x, const float* delta, float factor, std::size_t n) noexcept {
    kernels::add_scaled<Isa>(x, delta, factor, n);
  }
  static void scale(float* x, float factor, std::size_t n) noexcept { kernels::scale<Isa>(x, factor, n); }
  static void soft_cap(float* x, std::size_t n, float cap) noexcept { kernels::soft_cap<Isa>(x, n, cap); }
  static void quantize_row(const float* x, std::size_t n, const InputForm& form, std::int8_t* codes, float* scales,
                           std::int32_t* corrections) noexcept {
    kernels::quantize_row<Isa>(x, n, form, codes, scales, corrections);
  }
  static void rope_half(float* head, const float* cosine, const float* sine, std::size_t rotary) noexcept {
    kernels::rope_half<Isa>(head, cosine, sine, rotary);
  }
  static void rope_pair(float* head, const float* cosine, const float* sine, std::size_t rotary) noexcept {
    kernels::rope_pair<Isa>(head, cosine, sine, rotary);
  }
  static void hadamard(float* x, std::size_t n) noexcept { kernels::hadamard<Isa>(x, n); }
  static void gate(Activation activation, const float* gate, const float* up, float* y, std::size_t n) noexcept {
    gate_functions<Isa>[static_cast<std::size_t>(activation)](gate, up, y, n);
  }
  static void activate(Activation activation, float* x, std::size_t n) noexcept {
    activate_functions<Isa>[static_cast<std::size_t>(activation)](x, n);
  }
  static void gate_clamped(const float* gate, const float* up, float* y, std::size_t n, float limit, float alpha) noexcept {
    kernels::gate_clamped<Isa>(gate, up, y, n, limit, alpha);
  }
  static void sigmoid_gate(float* x, const float* gate, std::size_t n) noexcept { kernels::sigmoid_gate<Isa>(x, gate, n); }
  [[nodiscard]] static float maximum(const float* x, std::size_t n) noexcept { return kernels::maximum<Isa>(x, n); }
  static void softmax(float* x, std::size_t n) noexcept { kernels::softmax<Isa>(x, n); }

  static void causal_convolution(const ConvolutionTask& task) noexcept { kernels::causal_convolution<Isa>(task); }
  static void delta_rule(const DeltaTask& task) noexcept { kernels::delta_rule<Isa>(task); }

  template <quant::Scheme KV>
  static void attention(const AttentionTask& task, float* scratch) noexcept {
    kernels::attention<Isa, KV>(task, scratch);
  }
  template <quant::Scheme KV>
  static void attend_span(const AttentionTask& task, std::uint32_t span, float* scratch, float* partial) noexcept {
    kernels::attend_span<Isa, KV>(task, span, scratch, partial);
  }
  static void join_spans(const float* partials, std::size_t spans, std::size_t span_stride, HeadShape head, float sink,
                         float* out) noexcept {
    kernels::join_spans<Isa>(partials, spans, span_stride, head, sink, out);
  }
  template <quant::Scheme KV>
  static void append(const float* key, const float* value, HeadShape head, std::uint32_t slot, std::byte* keys,
                     std::byte* values) noexcept {
    kernels::append<Isa, KV>(key, value, head, slot, keys, values);
  }
  template <quant::Scheme S>
  static void multiply(const MatrixBytes& w, const Input& x, float* y, std::size_t y_stride, Slice panels,
                       const Epilogue& epilogue = {}) noexcept {
    kernels::multiply<Isa, S>(w, x, y, y_stride, panels, epilogue);
  }
  template <quant::Scheme S>
  static void row(const MatrixBytes& w, std::size_t r, float* out) noexcept {
    kernels::dequantize_row<Isa, row_scheme(S)>(w, r, out);
  }
};

/// A matrix whose scheme is known to the compiler and whose extents are not, spelled like Matrix.
template <class Isa, quant::Scheme S>
struct StaticMatrix : MatrixBytes {
  constexpr StaticMatrix() noexcept = default;
  constexpr explicit StaticMatrix(const quant::PackedMatrix<S>& w) noexcept : MatrixBytes{w.layout(), w.quants, w.scales} {}
  constexpr explicit StaticMatrix(const MatrixBytes& w) noexcept : MatrixBytes{w} {}

  void multiply(const Input& x, float* y, std::size_t y_stride, Slice panels, const Epilogue& epilogue = {}) const noexcept {
    Cpu<Isa>::template multiply<S>(*this, x, y, y_stride, panels, epilogue);
  }
  void row(std::size_t r, float* out) const noexcept { Cpu<Isa>::template row<S>(*this, r, out); }
  [[nodiscard]] constexpr StaticMatrix part(Slice panels) const noexcept { return StaticMatrix{MatrixBytes::part(panels)}; }
};

}  // namespace ingot::kernels
