// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/instantiate.hpp: fills the table of one ISA with instances of all kernels.
// Only for a translation unit compiled with that ISA's flags, which holds this one line in namespace ingot::kernels:
//   template struct Instantiate<isa::avx2>;

#include <cstddef>
#include <utility>

#include <ingot/kernels/cpu.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/kernels/sweep.hpp>
#include <ingot/quant/visit.hpp>

namespace ingot::kernels {

namespace detail {
template <class Isa, class Indices = std::make_index_sequence<quant::shipped.size()>>
struct Matrices;
template <class Isa, std::size_t... i>
struct Matrices<Isa, std::index_sequence<i...>> {
  static constexpr MatrixFunctions table[] = {
      {&Cpu<Isa>::template multiply<quant::shipped[i]>, &Cpu<Isa>::template row<quant::shipped[i]>}...};
};
template <class C, quant::Scheme KV>
constexpr CacheFunctions cache_functions() noexcept {
  return {&C::template attention<KV>, &C::template attend_span<KV>, &C::template append<KV>};
}
}  // namespace detail

template <class Isa>
const Functions& Instantiate<Isa>::functions() noexcept {
  using C = Cpu<Isa>;
  static constexpr Functions table{
      .isa = Isa::name(),
      .rms_norm = &C::rms_norm,
      .layer_norm = &C::layer_norm,
      .add = &C::add,
      .add_scaled = &C::add_scaled,
      .scale = &C::scale,
      .soft_cap = &C::soft_cap,
      .quantize_row = &C::quantize_row,
      .rope_half = &C::rope_half,
      .rope_pair = &C::rope_pair,
      .hadamard = &C::hadamard,
      .gates = gate_functions<Isa>,
      .activations = activate_functions<Isa>,
      .gate_clamped = &C::gate_clamped,
      .sigmoid_gate = &C::sigmoid_gate,
      .maximum = &C::maximum,
      .softmax = &C::softmax,
      .causal_convolution = &C::causal_convolution,
      .delta_rule = &C::delta_rule,
      .join_spans = &C::join_spans,
      .caches = {detail::cache_functions<C, kv_schemes[0]>(), detail::cache_functions<C, kv_schemes[1]>(),
                 detail::cache_functions<C, kv_schemes[2]>()},
      .matrices = detail::Matrices<Isa>::table,
      .product_burst = &Ops<Isa>::product_burst,
      .fma_burst = &Ops<Isa>::fma_burst,
      .read_sweep = &read_sweep<Isa>,
  };
  return table;
}

}  // namespace ingot::kernels
