// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/config.hpp: the only header that tests compilers and defines macros.

#include <utility>

#if defined(__GNUC__) || defined(__clang__)
#define INGOT_INLINE inline __attribute__((always_inline))
#define INGOT_NOINLINE __attribute__((noinline))
#define INGOT_RESTRICT __restrict__
#define INGOT_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#else
#define INGOT_INLINE inline
#define INGOT_NOINLINE
#define INGOT_RESTRICT
#define INGOT_UNLIKELY(condition) (condition)
#endif

#if defined(__clang__)
#define INGOT_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define INGOT_UNROLL _Pragma("GCC unroll 32")
#else
#define INGOT_UNROLL
#endif

// Architectures whose instructions this translation unit may contain; the run-time choice is kernels/isa.hpp's.
#if defined(__x86_64__)
#define INGOT_X86_64 1
#else
#define INGOT_X86_64 0
#endif
#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#define INGOT_AVX2 1
#else
#define INGOT_AVX2 0
#endif
#if INGOT_AVX2 && defined(__AVXVNNI__)
#define INGOT_AVX_VNNI 1
#else
#define INGOT_AVX_VNNI 0
#endif
#if INGOT_AVX2 && defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define INGOT_AVX512VNNI 1
#else
#define INGOT_AVX512VNNI 0
#endif

#if defined(__aarch64__)
#define INGOT_ARM64 1
#else
#define INGOT_ARM64 0
#endif
#if INGOT_ARM64 && defined(__ARM_FEATURE_DOTPROD)
#define INGOT_NEON_DOTPROD 1
#else
#define INGOT_NEON_DOTPROD 0
#endif
#if INGOT_NEON_DOTPROD && defined(__ARM_FEATURE_MATMUL_INT8)
#define INGOT_NEON_I8MM 1
#else
#define INGOT_NEON_I8MM 0
#endif

#ifndef PCRE2_CODE_UNIT_WIDTH  // <pcre2.h> asks its users for it; 0: only names that say their width
#define PCRE2_CODE_UNIT_WIDTH 0
#endif

#define INGOT_CONCAT_(a, b) a##b
#define INGOT_CONCAT(a, b) INGOT_CONCAT_(a, b)

/// `INGOT_TRY(auto file, open(path));` declares `file`, or returns the Error of `open` from the caller.
#define INGOT_TRY(declaration, expression)                                                                               \
  auto INGOT_CONCAT(ingot_try_, __LINE__) = (expression);                                                                \
  if (INGOT_UNLIKELY(!INGOT_CONCAT(ingot_try_, __LINE__))) return std::move(INGOT_CONCAT(ingot_try_, __LINE__)).error(); \
  declaration = *std::move(INGOT_CONCAT(ingot_try_, __LINE__))

/// Returns the Error of `expression` (a Result of any type) from the caller; drops its value.
#define INGOT_CHECK(expression)                                                                               \
  do {                                                                                                        \
    if (auto ingot_check = (expression); INGOT_UNLIKELY(!ingot_check)) return std::move(ingot_check).error(); \
  } while (false)
