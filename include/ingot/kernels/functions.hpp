// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/functions.hpp: the kernels of one ISA as a table, and the choice of the best table for this CPU.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ingot/kernels/activation.hpp>
#include <ingot/kernels/attention_task.hpp>
#include <ingot/kernels/convolution_task.hpp>
#include <ingot/kernels/delta_task.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/kernels/matrix.hpp>
#include <ingot/quant/visit.hpp>

namespace ingot::kernels {

/// The kernels on the KV cache for one of kv_schemes.
struct CacheFunctions {
  void (*attention)(const AttentionTask&, float* scratch) noexcept = nullptr;
  void (*attend_span)(const AttentionTask&, std::uint32_t span, float* scratch, float* partial) noexcept = nullptr;
  void (*append)(const float* key, const float* value, HeadShape, std::uint32_t slot, std::byte* keys,
                 std::byte* values) noexcept = nullptr;
};

/// All kernels of one ISA; what each computes is said where Cpu<Isa> (cpu.hpp) finds it.
struct Functions {
  std::string_view isa;
  void (*rms_norm)(const float* x, const float* weight, float* y, std::size_t n, float eps) noexcept;
  void (*layer_norm)(const float* x, const float* weight, const float* bias, float* y, std::size_t n, float eps) noexcept;
  void (*add)(float* x, const float* delta, std::size_t n) noexcept;
  void (*add_scaled)(float* x, const float* delta, float factor, std::size_t n) noexcept;
  void (*scale)(float* x, float factor, std::size_t n) noexcept;
  void (*soft_cap)(float* x, std::size_t n, float cap) noexcept;
  void (*quantize_row)(const float* x, std::size_t n, const InputForm&, std::int8_t* codes, float* scales,
                       std::int32_t* corrections) noexcept;
  void (*rope_half)(float* head, const float* cosine, const float* sine, std::size_t rotary) noexcept;
  void (*rope_pair)(float* head, const float* cosine, const float* sine, std::size_t rotary) noexcept;
  void (*hadamard)(float* x, std::size_t n) noexcept;
  std::array<GateFunction, activation_count> gates;
  std::array<ActivateFunction, activation_count> activations;
  void (*gate_clamped)(const float* gate, const float* up, float* y, std::size_t n, float limit, float alpha) noexcept;
  void (*sigmoid_gate)(float* x, const float* gate, std::size_t n) noexcept;
  float (*maximum)(const float* x, std::size_t n) noexcept;
  void (*softmax)(float* x, std::size_t n) noexcept;
  void (*causal_convolution)(const ConvolutionTask&) noexcept;
  void (*delta_rule)(const DeltaTask&) noexcept;
  void (*join_spans)(const float* partials, std::size_t spans, std::size_t span_stride, HeadShape, float sink, float* out) noexcept;
  CacheFunctions caches[kv_schemes.size()];   // in the order of kv_schemes
  const MatrixFunctions* matrices = nullptr;  // in the order of quant::shipped

  // Work for probe.hpp: each runs for a fixed amount and says how much it did.
  std::uint64_t (*product_burst)(std::uint64_t rounds) noexcept;                // byte products, as many as a register-only loop does
  std::uint64_t (*fma_burst)(std::uint64_t rounds) noexcept;                    // float multiply-adds
  std::uint64_t (*read_sweep)(const std::byte* p, std::size_t bytes) noexcept;  // a checksum, so that the reads stay

  [[nodiscard]] std::string_view name() const noexcept { return isa; }
  /// The kernels for a scheme of quant::shipped; nullptr for others.
  [[nodiscard]] const MatrixFunctions* matrix(const quant::Scheme& scheme) const noexcept {
    for (std::size_t i = 0; i < quant::shipped.size(); ++i)
      if (quant::shipped[i] == scheme) return matrices + i;
    return nullptr;
  }
  void gate(Activation activation, const float* gate, const float* up, float* y, std::size_t n) const noexcept {
    gates[static_cast<std::size_t>(activation)](gate, up, y, n);
  }
  void activate(Activation activation, float* x, std::size_t n) const noexcept { activations[static_cast<std::size_t>(activation)](x, n); }
  /// The kernels on a cache of scheme `kv`, which is one of kv_schemes.
  [[nodiscard]] const CacheFunctions& cache(const quant::Scheme& kv) const noexcept { return caches[kv_index(kv)]; }
};

/// The table of one ISA. Defined in instantiate.hpp, which only the generated translation unit of that ISA includes.
template <class Isa>
struct Instantiate {
  [[nodiscard]] static const Functions& functions() noexcept;
};
extern template struct Instantiate<isa::scalar>;
#if INGOT_X86_64
extern template struct Instantiate<isa::avx2>;
extern template struct Instantiate<isa::avx_vnni>;
extern template struct Instantiate<isa::avx512vnni>;
extern template struct Instantiate<isa::amx>;
#endif
#if INGOT_ARM64
extern template struct Instantiate<isa::neon_dotprod>;
extern template struct Instantiate<isa::neon_i8mm>;
#endif

namespace detail {
template <class... Isas>
[[nodiscard]] inline const Functions* find(isa::List<Isas...>, std::string_view name) noexcept {
  const Functions* found = nullptr;
  const auto suits = [&]<class Isa>(const Isa*) { return (name.empty() || name == Isa::name()) && Isa::supported(); };
  static_cast<void>(((suits(static_cast<const Isas*>(nullptr)) && (found = &Instantiate<Isas>::functions(), true)) || ...));
  return found;
}
}  // namespace detail

/// The table called `isa_name`, or nullptr when it is not built into ingot::runtime or this CPU lacks it.
[[nodiscard]] inline const Functions* find_functions(std::string_view isa_name) noexcept {
  return isa_name.empty() ? nullptr : detail::find(isa::built{}, isa_name);
}

/// The best table this CPU runs.
[[nodiscard]] inline const Functions& best_functions() noexcept { return *detail::find(isa::built{}, {}); }

}  // namespace ingot::kernels
