// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa/compiled.hpp: the operations of every ISA that this translation unit may use.

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa/scalar.hpp>
#if INGOT_AVX2
#include <ingot/kernels/isa/avx2.hpp>
#include <ingot/kernels/isa/avx_vnni.hpp>
#endif
#if INGOT_AVX512VNNI
#include <ingot/kernels/isa/amx.hpp>
#include <ingot/kernels/isa/avx512vnni.hpp>
#endif
#if INGOT_NEON_DOTPROD
#include <ingot/kernels/isa/neon_dotprod.hpp>
#endif
#if INGOT_NEON_I8MM
#include <ingot/kernels/isa/neon_i8mm.hpp>
#endif
