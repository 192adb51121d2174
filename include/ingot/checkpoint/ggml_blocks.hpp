// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/ggml_blocks.hpp: the quantized blocks of GGUF, byte for byte, taken apart without rounding.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include <ingot/checkpoint/element_type.hpp>
#include <ingot/core/float16.hpp>

// Every block offers the same view:
//   type, size (elements), group (elements that share a scale), bits, has_offset;
//   unpack(q): the integer codes of all elements in their order, centred on 0 where has_offset is false;
//   scale(g), offset(g): element = scale(g) * q, and + offset(g) where has_offset is true.
// Blocks of 256 ("K") have two-level scales, scale(g) = d * scale_code(g), offset(g) = -(d_min * min_code(g)), which is exact
// in float: 11 bits times at most 8. Layouts: the class docstrings of gguf/quants.py in the Python package gguf.

namespace ingot::checkpoint {

template <std::size_t Size>
using Codes = std::span<std::int8_t, Size>;

namespace detail {

[[nodiscard]] constexpr std::int8_t centred(unsigned code, int zero) noexcept {
  return static_cast<std::int8_t>(static_cast<int>(code) - zero);
}
/// Blocks of 32 keep element i in the low and i + 16 in the high nibble of byte i; a fifth bit is bit i of `high`.
inline void unpack_halves(const std::uint8_t (&nibbles)[16], std::uint32_t high, int zero, Codes<32> q) noexcept {
  for (unsigned i = 0; i < 16; ++i) {
    q[i] = centred((nibbles[i] & 15u) | ((high >> i) & 1u) << 4, zero);
    q[i + 16] = centred((nibbles[i] >> 4) | ((high >> (i + 16)) & 1u) << 4, zero);
  }
}
[[nodiscard]] inline std::uint32_t load_bits(const std::uint8_t (&bytes)[4]) noexcept {
  std::uint32_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  return bits;
}

/// Eight 6-bit scales and mins in 12 bytes: 0-3 in the low six bits of bytes 0-3 (mins: 4-7), 4-7 as nibbles of bytes 8-11
/// with their upper two bits on top of bytes 0-3 (mins: 4-7).
struct ScalesAndMins {
  std::uint8_t bytes[12];
  [[nodiscard]] constexpr std::uint8_t scale(std::size_t g) const noexcept {
    return static_cast<std::uint8_t>(g < 4 ? bytes[g] & 63u : (bytes[g + 4] & 15u) | ((bytes[g - 4] >> 2) & 48u));
  }
  [[nodiscard]] constexpr std::uint8_t min(std::size_t g) const noexcept {
    return static_cast<std::uint8_t>(g < 4 ? bytes[g + 4] & 63u : (bytes[g + 4] >> 4) | ((bytes[g] >> 2) & 48u));
  }
};

}  // namespace detail

struct BlockQ4_0 {
  static constexpr ElementType type = ElementType::q4_0;
  static constexpr std::size_t size = 32, group = 32, bits = 4;
  static constexpr bool has_offset = false;
  f16 d;
  std::uint8_t nibbles[16];
  void unpack(Codes<size> q) const noexcept { detail::unpack_halves(nibbles, 0, 8, q); }
  [[nodiscard]] float scale(std::size_t) const noexcept { return to_float(d); }
};

struct BlockQ4_1 {
  static constexpr ElementType type = ElementType::q4_1;
  static constexpr std::size_t size = 32, group = 32, bits = 4;
  static constexpr bool has_offset = true;
  f16 d, m;
  std::uint8_t nibbles[16];
  void unpack(Codes<size> q) const noexcept { detail::unpack_halves(nibbles, 0, 0, q); }
  [[nodiscard]] float scale(std::size_t) const noexcept { return to_float(d); }
  [[nodiscard]] float offset(std::size_t) const noexcept { return to_float(m); }
};

struct BlockQ5_0 {
  static constexpr ElementType type = ElementType::q5_0;
  static constexpr std::size_t size = 32, group = 32, bits = 5;
  static constexpr bool has_offset = false;
  f16 d;
  std::uint8_t high[4], nibbles[16];
  void unpack(Codes<size> q) const noexcept { detail::unpack_halves(nibbles, detail::load_bits(high), 16, q); }
  [[nodiscard]] float scale(std::size_t) const noexcept { return to_float(d); }
};

struct BlockQ5_1 {
  static constexpr ElementType type = ElementType::q5_1;
  static constexpr std::size_t size = 32, group = 32, bits = 5;
  static constexpr bool has_offset = true;
  f16 d, m;
  std::uint8_t high[4], nibbles[16];
  void unpack(Codes<size> q) const noexcept { detail::unpack_halves(nibbles, detail::load_bits(high), 0, q); }
  [[nodiscard]] float scale(std::size_t) const noexcept { return to_float(d); }
  [[nodiscard]] float offset(std::size_t) const noexcept { return to_float(m); }
};

struct BlockQ8_0 {
  static constexpr ElementType type = ElementType::q8_0;
  static constexpr std::size_t size = 32, group = 32, bits = 8;
  static constexpr bool has_offset = false;
  f16 d;
  std::int8_t codes[32];
  void unpack(Codes<size> q) const noexcept { std::memcpy(q.data(), codes, size); }
  [[nodiscard]] float scale(std::size_t) const noexcept { return to_float(d); }
};

struct BlockQ2K {
  static constexpr ElementType type = ElementType::q2_k;
  static constexpr std::size_t size = 256, group = 16, bits = 2;
  static constexpr bool has_offset = true;
  std::uint8_t scales[16];  // low nibble scale, high nibble min
  std::uint8_t pairs[64];   // element 128 a + 32 s + i: bits 2 s of byte 32 a + i
  f16 d, d_min;
  void unpack(Codes<size> q) const noexcept {
    for (unsigned run = 0; run < 8; ++run)
      for (unsigned i = 0; i < 32; ++i) q[run * 32 + i] = detail::centred((pairs[run / 4 * 32 + i] >> (run % 4 * 2)) & 3u, 0);
  }
  [[nodiscard]] std::uint8_t scale_code(std::size_t g) const noexcept { return scales[g] & 15; }
  [[nodiscard]] std::uint8_t min_code(std::size_t g) const noexcept { return scales[g] >> 4; }
  [[nodiscard]] float scale(std::size_t g) const noexcept { return to_float(d) * scale_code(g); }
  [[nodiscard]] float offset(std::size_t g) const noexcept { return -(to_float(d_min) * min_code(g)); }
};

struct BlockQ3K {
  static constexpr ElementType type = ElementType::q3_k;
  static constexpr std::size_t size = 256, group = 16, bits = 3;
  static constexpr bool has_offset = false;
  std::uint8_t high[32];   // element 32 run + i: bit run of byte i, set where 4 is not to be subtracted
  std::uint8_t pairs[64];  // as in Q2_K
  std::uint8_t scales[12];
  f16 d;
  void unpack(Codes<size> q) const noexcept {
    for (unsigned run = 0; run < 8; ++run)
      for (unsigned i = 0; i < 32; ++i)
        q[run * 32 + i] = detail::centred(((pairs[run / 4 * 32 + i] >> (run % 4 * 2)) & 3u) | ((high[i] >> run) & 1u) << 2, 4);
  }
  /// Six bits: the nibbles of bytes 0-7 (low ones first), their upper two bits in bytes 8-11; centred on 32.
  [[nodiscard]] std::int8_t scale_code(std::size_t g) const noexcept {
    const unsigned low = (scales[g % 8] >> (g / 8 * 4)) & 15u, upper = (scales[8 + g % 4] >> (g / 4 * 2)) & 3u;
    return detail::centred(low | upper << 4, 32);
  }
  [[nodiscard]] float scale(std::size_t g) const noexcept { return to_float(d) * scale_code(g); }
};

struct BlockQ4K {
  static constexpr ElementType type = ElementType::q4_k;
  static constexpr std::size_t size = 256, group = 32, bits = 4;
  static constexpr bool has_offset = true;
  f16 d, d_min;
  detail::ScalesAndMins scales;
  std::uint8_t nibbles[128];  // group 2 a in the low, 2 a + 1 in the high nibbles of bytes 32 a ...
  void unpack(Codes<size> q) const noexcept {
    for (unsigned g = 0; g < 8; ++g)
      for (unsigned i = 0; i < 32; ++i) q[g * 32 + i] = detail::centred((nibbles[g / 2 * 32 + i] >> (g % 2 * 4)) & 15u, 0);
  }
  [[nodiscard]] std::uint8_t scale_code(std::size_t g) const noexcept { return scales.scale(g); }
  [[nodiscard]] std::uint8_t min_code(std::size_t g) const noexcept { return scales.min(g); }
  [[nodiscard]] float scale(std::size_t g) const noexcept { return to_float(d) * scale_code(g); }
  [[nodiscard]] float offset(std::size_t g) const noexcept { return -(to_float(d_min) * min_code(g)); }
};

struct BlockQ5K {
  static constexpr ElementType type = ElementType::q5_k;
  static constexpr std::size_t size = 256, group = 32, bits = 5;
  static constexpr bool has_offset = true;
  f16 d, d_min;
  detail::ScalesAndMins scales;
  std::uint8_t high[32];      // fifth bit of element 32 g + i: bit g of byte i
  std::uint8_t nibbles[128];  // as in Q4_K
  void unpack(Codes<size> q) const noexcept {
    for (unsigned g = 0; g < 8; ++g)
      for (unsigned i = 0; i < 32; ++i)
        q[g * 32 + i] = detail::centred(((nibbles[g / 2 * 32 + i] >> (g % 2 * 4)) & 15u) | ((high[i] >> g) & 1u) << 4, 0);
  }
  [[nodiscard]] std::uint8_t scale_code(std::size_t g) const noexcept { return scales.scale(g); }
  [[nodiscard]] std::uint8_t min_code(std::size_t g) const noexcept { return scales.min(g); }
  [[nodiscard]] float scale(std::size_t g) const noexcept { return to_float(d) * scale_code(g); }
  [[nodiscard]] float offset(std::size_t g) const noexcept { return -(to_float(d_min) * min_code(g)); }
};

struct BlockQ6K {
  static constexpr ElementType type = ElementType::q6_k;
  static constexpr std::size_t size = 256, group = 16, bits = 6;
  static constexpr bool has_offset = false;
  std::uint8_t nibbles[128];  // element 128 a + 64 n + i: nibble n of byte 64 a + i
  std::uint8_t pairs[64];     // upper bits of element 128 a + 32 s + i: bits 2 s of byte 32 a + i
  std::int8_t scales[16];
  f16 d;
  void unpack(Codes<size> q) const noexcept {
    for (unsigned run = 0; run < 8; ++run) {
      const unsigned half = run / 4, s = run % 4;
      for (unsigned i = 0; i < 32; ++i) {
        const unsigned low = (nibbles[half * 64 + s % 2 * 32 + i] >> (s / 2 * 4)) & 15u, upper = (pairs[half * 32 + i] >> (s * 2)) & 3u;
        q[run * 32 + i] = detail::centred(low | upper << 4, 32);
      }
    }
  }
  [[nodiscard]] std::int8_t scale_code(std::size_t g) const noexcept { return scales[g]; }
  [[nodiscard]] float scale(std::size_t g) const noexcept { return to_float(d) * scales[g]; }
};

/// Its bytes are read with memcpy from anywhere in a mapped file.
template <class T>
concept GgmlBlock = std::is_trivially_copyable_v<T> && sizeof(T) == info(T::type).bytes&& T::size == info(T::type).elements;
static_assert(GgmlBlock<BlockQ4_0> && GgmlBlock<BlockQ4_1> && GgmlBlock<BlockQ5_0> && GgmlBlock<BlockQ5_1> && GgmlBlock<BlockQ8_0>);
static_assert(GgmlBlock<BlockQ2K> && GgmlBlock<BlockQ3K> && GgmlBlock<BlockQ4K> && GgmlBlock<BlockQ5K> && GgmlBlock<BlockQ6K>);

/// Block number `index` of a row of blocks.
template <GgmlBlock Block>
[[nodiscard]] inline Block load_block(std::span<const std::byte> row, std::size_t index) noexcept {
  Block block;
  std::memcpy(static_cast<void*>(&block), row.data() + index * sizeof(Block), sizeof(Block));
  return block;
}

/// Calls `visit.template operator()<Block>()` for the block of `type`; false when we have none.
template <class Visit>
constexpr bool visit_block(ElementType type, Visit&& visit) {
  const auto one = [&]<class Block>() {
    if (type != Block::type) return false;
    visit.template operator()<Block>();
    return true;
  };
  return [&]<class... Blocks>(std::type_identity<void(Blocks...)>) {
    return (one.template operator()<Blocks>() || ...);
  }(std::type_identity<void(BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0, BlockQ2K, BlockQ3K, BlockQ4K, BlockQ5K, BlockQ6K)>{});
}

}  // namespace ingot::checkpoint
