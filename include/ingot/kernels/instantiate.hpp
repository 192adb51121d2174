// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/instantiate.hpp: fills the table of one ISA with instances of all kernels.
// Only for a translation unit compiled with that ISA's flags, which holds this one line in namespace ingot::kernels:
//   template struct Instantiate<isa::avx2>;

#include <cstddef>
#include <utility>

#include <ingot/kernels/block_product.hpp>
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
/// The products of many rows in blocks; those of few, and of float matrices, are the fallback's.
template <class Isa, std::size_t i>
void multiply_many(const MatrixBytes& w, const Input& x, float* y, std::size_t y_stride, Slice panels, const Epilogue& epilogue) noexcept {
  constexpr quant::Scheme S = quant::shipped[i];
  if constexpr (S.is_integer() && S.sparsity == quant::Sparsity::dense)
    if (x.rows >= block_rows<Isa>) return multiply_blocks<Isa, block_scheme(S)>(w, x, y, y_stride, panels, epilogue);
  Instantiate<typename Isa::fallback>::functions().matrices[i].multiply(w, x, y, y_stride, panels, epilogue);
}
template <class C, quant::Scheme KV>
constexpr CacheFunctions cache_functions() noexcept {
  return {&C::template attention<KV>, &C::template attend_span<KV>, &C::template append<KV>};
}
/// What Isa does otherwise than its fallback, beside what it does likewise.
template <class Isa>
class Extension {
 public:
  Extension() noexcept {
    table.isa = Isa::name();
    set(std::make_index_sequence<quant::shipped.size()>{});
    table.matrices = matrices;
    table.caches[kv_index(int8_kv)] = cache_functions<Cpu<Isa>, int8_kv>();
  }
  Functions table = Instantiate<typename Isa::fallback>::functions();

 private:
  template <std::size_t... i>
  void set(std::index_sequence<i...>) noexcept {
    ((matrices[i] = {&multiply_many<Isa, i>, table.matrices[i].row}), ...);
  }
  MatrixFunctions matrices[quant::shipped.size()];
};
}  // namespace detail

template <class Isa>
const Functions& Instantiate<Isa>::functions() noexcept {
  if constexpr (multiplies_blocks<Isa>) {
    static const detail::Extension<Isa> extension;
    return extension.table;
  } else {
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
}

}  // namespace ingot::kernels
