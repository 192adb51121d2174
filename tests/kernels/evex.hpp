// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/kernels/evex.hpp: the kernels of AVX-VNNI for CPUs that have its product only in the encoding of AVX512-VNNI.

#include <ingot/core/config.hpp>
#if INGOT_X86_64

#include <string_view>

#include <ingot/kernels/functions.hpp>
#if INGOT_AVX2
#include <ingot/kernels/isa/avx_vnni.hpp>
#endif

namespace fixtures {

/// The same source and flags as isa::avx_vnni; a prefix of one instruction differs.
struct Evex : ingot::kernels::isa::avx_vnni {
  static constexpr std::string_view name() noexcept { return "avx-vnni as EVEX"; }
  static bool supported() noexcept { return ingot::kernels::isa::avx512vnni::supported(); }
};

}  // namespace fixtures

#if INGOT_AVX2
template <>
struct ingot::kernels::Ops<fixtures::Evex> : ingot::kernels::detail::AvxVnniOps<ingot::kernels::detail::Encoding::evex> {};
#endif

extern template struct ingot::kernels::Instantiate<fixtures::Evex>;  // evex.cpp

#endif
