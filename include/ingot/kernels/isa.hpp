// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa.hpp: instruction sets as tag types, and the list of those built into ingot::runtime.

#include <cstddef>
#include <string_view>

#include <xsimd/config/xsimd_arch.hpp>

#include <ingot/core/config.hpp>

#if INGOT_X86_64
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif
#if INGOT_ARM64
#include <sys/auxv.h>
#endif

namespace ingot::kernels {

/// A tag inherits the one it falls back to. Every function compiled with extra ISA flags has its tag among its template
/// arguments, so that the linker can never take the code of one ISA for that of another.
namespace isa {

/// The platform's baseline: SSE2, NEON. Its integer kernels are plain loops and the oracle for all others.
struct scalar {
#if INGOT_X86_64
  using batch_arch = xsimd::sse2;
#else
  using batch_arch = xsimd::neon64;
#endif
  static constexpr std::string_view name() noexcept { return "scalar"; }
  static bool supported() noexcept { return true; }
};

#if INGOT_X86_64
/// AVX2 with FMA and F16C: Haswell, Zen and later.
struct avx2 : scalar {
  using fallback = scalar;
  using batch_arch = xsimd::fma3<xsimd::avx2>;
  static constexpr std::string_view name() noexcept { return "avx2"; }
  static bool supported() noexcept {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");  // all of them have F16C, which came earlier
  }
};

/// AVX2 with the byte product of AVX512-VNNI in 256 bits: Alder Lake and later client CPUs, which have no AVX-512.
struct avx_vnni : avx2 {
  using fallback = avx2;
  static constexpr std::string_view name() noexcept { return "avx-vnni"; }
  static bool supported() noexcept {
    if (!avx2::supported()) return false;  // so there is a leaf 7
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    __cpuid_count(7, 0, eax, ebx, ecx, edx);
    if (eax < 1) return false;  // the last of its subleaves
    __cpuid_count(7, 1, eax, ebx, ecx, edx);
    return (eax >> 4 & 1) != 0;
  }
};

/// AVX-512 F, BW, DQ, VL and VNNI: Ice Lake, Zen 4 and later.
struct avx512vnni : avx2 {
  using fallback = avx2;
  using batch_arch = xsimd::avx512f;
  static constexpr std::string_view name() noexcept { return "avx512vnni"; }
  static bool supported() noexcept {
    return avx2::supported() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
  }
};

/// The same with AMX, a unit for products of whole blocks of bytes: Sapphire Rapids and later.
struct amx : avx512vnni {
  using fallback = avx512vnni;
  static constexpr std::string_view name() noexcept { return "amx"; }
  /// Asks the system for the use of the block registers, which it grants to the process once and for all.
  static bool supported() noexcept {
    static const bool granted = avx512vnni::supported() && has_blocks() && asks_for_blocks();
    return granted;
  }

 private:
  static bool has_blocks() noexcept {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    __cpuid_count(7, 0, eax, ebx, ecx, edx);
    constexpr unsigned tile = 1u << 24, int8 = 1u << 25;
    return (edx & tile) != 0 && (edx & int8) != 0;
  }
  static bool asks_for_blocks() noexcept {
#if defined(__linux__)
    constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM of <asm/prctl.h>, since Linux 5.16
    return ::syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
    return false;
#endif
  }
};
#endif

#if INGOT_ARM64
/// NEON with the dot product of signed bytes: Armv8.4, Cortex-A75 and later.
struct neon_dotprod : scalar {
  using fallback = scalar;
  static constexpr std::string_view name() noexcept { return "neon-dotprod"; }
  static bool supported() noexcept { return (::getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }
};

/// NEON with int8 matrix products and the mixed-sign dot product: Armv8.6, Cortex-A510, X2 and later.
struct neon_i8mm : neon_dotprod {
  using fallback = neon_dotprod;
  static constexpr std::string_view name() noexcept { return "neon-i8mm"; }
  static bool supported() noexcept { return neon_dotprod::supported() && (::getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0; }
};
#endif

template <class... Isas>
struct List {};

/// The best one that this translation unit's flags cover: what an exact-shape model is compiled for.
#if INGOT_AVX512VNNI
using compiled = avx512vnni;
#elif INGOT_AVX_VNNI
using compiled = avx_vnni;
#elif INGOT_AVX2
using compiled = avx2;
#elif INGOT_NEON_I8MM
using compiled = neon_i8mm;
#elif INGOT_NEON_DOTPROD
using compiled = neon_dotprod;
#else
using compiled = scalar;
#endif

/// What ingot::runtime instantiates, best first.
#if INGOT_X86_64
using built = List<amx, avx512vnni, avx_vnni, avx2, scalar>;
#elif INGOT_ARM64
using built = List<neon_i8mm, neon_dotprod, scalar>;
#else
using built = List<scalar>;
#endif

}  // namespace isa

/// The few operations that differ between ISAs, specialised in kernels/isa/<name>.hpp, the only files with intrinsics or
/// assembler. A panel of 16 outputs is cut into strips of `lanes` outputs, one register each:
///   registers       of vectors; scalar's are no registers, and so few that tests reach what few registers ask for
///   floats, ints    one value for each lane; bytes: four bytes for each lane, as a line of PackedLayout holds them
///   partials        sums of products that fold() adds up to ints at the latest after `fold_columns<bits>` columns (0: they are ints)
///   code_offset<bits>  what dot<bits> subtracts from the codes it multiplies
///   Blocks            of ISAs with block products: see block_product.hpp
///   sum_lanes, max_lanes  of a register: of ints, and of floats where they are one (not scalar's)
///   dot<bits>       adds the products of four unsigned bytes of each lane with the same four signed activations, exactly
///   butterfly<stride>  (a, b) -> (a + b, a - b) for the lanes a = i and b = i + stride of every 2 * stride
///   store_codes       activations to int8, rounded to nearest with ties to even; also returns the codes
///   tile<S>, float_tile<S>  the largest integer and float tiles, for weights that come from a cache
///   page_tile(tokens) the tile of up to `few_tokens` queries with a page of the KV cache, which attention has asked for
///   few<S>(tokens)    the tile of up to `few_tokens` tokens, which read weights of scheme S from memory once
///   field<shift, mask>  each byte shifted right, and masked; join<shift, mask>(a, b): a | field<shift, mask>(b), to the left where
///                     shift < 0; shift_right: by 0 or 4, the upper 4 bits of a byte then being anything
/// and of 2:4 matrices, four kept codes of eight columns in each lane:
///   kept_tile         their tile of many tokens
///   next_places<6^n>(places)  every 16 bits multiplied: the digits n further on (quant/two_of_four.hpp)
///   load_sixteen, positions<s>(places), pick(values, positions)  16 activations for all lanes, and for each byte of a lane the one whose
///                     column the leading digits keep, of fours 2 s and 2 s + 1; values are bytes, how often and in what order is the ISA's
///   multiply_bytes<bits>(sum, a, b)  adds the products of bytes a, unsigned or, where takes_signed, signed ones, with signed bytes b,
///                     exactly; kept_sum<bits>: as fold(), after at most 2 * kept_fold<bits> columns (0: sums are ints)
///   low_nibbles(v, high), sixteenth  (v & 15) | high of bytes, and ints over 16: where few() has one strip and sums are ints
///   prefetch, prefetch_l2  hints: a line is wanted in all caches, or in the L2 cache; not to be wrapped in a function of its own, which
///                     GCC 12 takes for pure and drops
///   rounded           its argument, whose making the compiler cannot see: GCC makes one fused operation of a product and the
///                     addition behind it in some instances of a template and not in others
/// Floats are multiplied and added in the order of the calls.
template <class Isa>
struct Ops;

/// Where the activations of a product come from: a broadcast memory operand, or a register loaded once for all strips.
/// Which is faster depends on the load ports beside the multipliers.
enum class Operand { memory, registers };

/// How a tile is compiled. tokens x strips accumulators live in registers; `lines` of 8 columns are unrolled; what lies `prefetch`
/// bytes behind the weights and `prefetch_scales` bytes behind their scales is asked for into the L1 cache, what lies `prefetch_l2` bytes
/// behind the weights into the L2 cache (0: nothing). `apart`: the strips of a tile of few tokens lie a share of the panels apart, not
/// beside each other, so that each is a stream of its own from memory.
struct TileShape {
  std::size_t tokens = 1, strips = 1, lines = 4, prefetch = 0, prefetch_l2 = 0, prefetch_scales = 0;
  Operand operand = Operand::registers;
  bool apart = false;

  [[nodiscard]] constexpr TileShape with(std::size_t count) const noexcept {
    TileShape shape = *this;
    shape.tokens = count;
    return shape;
  }
};

}  // namespace ingot::kernels
