// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa/scalar.hpp: the operations as plain loops over a panel's 16 lanes.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ingot/core/float16.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/quant/two_of_four.hpp>

namespace ingot::kernels {

template <>
struct Ops<isa::scalar> {
  static constexpr std::size_t lanes = 16;
  static constexpr std::size_t registers = 16;
  struct floats {
    float lane[lanes];
  };
  struct ints {
    std::int32_t lane[lanes];
  };
  struct bytes {
    std::uint8_t lane[lanes][4];
  };
  using partials = ints;
  template <unsigned bits>
  static constexpr std::size_t fold_columns = 0;

  template <unsigned bits>
  static constexpr std::int32_t code_offset = 0;

  template <auto S>
  static constexpr TileShape tile{.tokens = 2, .lines = 1};
  template <auto S>
  static constexpr TileShape float_tile{.tokens = 2};
  static constexpr std::size_t few_tokens = 1;
  template <auto>
  static constexpr TileShape few(std::size_t tokens) noexcept {
    return {.tokens = tokens, .lines = 1};
  }

  static constexpr TileShape page_tile(std::size_t tokens) noexcept { return {.tokens = tokens, .lines = 1}; }

  static floats broadcast(float value) noexcept {
    floats r;
    for (float& lane : r.lane) lane = value;
    return r;
  }
  static ints broadcast(std::int32_t value) noexcept {
    ints r;
    for (std::int32_t& lane : r.lane) lane = value;
    return r;
  }
  static floats load(const void* p) noexcept { return read<floats>(p); }
  static floats load(const float* p, std::size_t count) noexcept {
    floats r{};
    std::memcpy(&r, p, count * sizeof(float));
    return r;
  }
  static void store(float* p, floats v) noexcept { std::memcpy(p, &v, sizeof v); }
  static void store(float* p, floats v, std::size_t count) noexcept { std::memcpy(p, &v, count * sizeof(float)); }

  static floats add(floats a, floats b) noexcept {
    for (std::size_t i = 0; i < lanes; ++i) a.lane[i] += b.lane[i];
    return a;
  }
  static floats multiply(floats a, floats b) noexcept {
    for (std::size_t i = 0; i < lanes; ++i) a.lane[i] *= b.lane[i];
    return a;
  }
  static floats rounded(floats v) noexcept {
    for (float& x : v.lane) asm("" : "+m"(x));
    return v;
  }
  /// a * b + c
  static floats multiply_add(floats a, floats b, floats c) noexcept {
    for (std::size_t i = 0; i < lanes; ++i) c.lane[i] += a.lane[i] * b.lane[i];
    return c;
  }
  static ints add(ints a, ints b) noexcept {
    for (std::size_t i = 0; i < lanes; ++i) a.lane[i] += b.lane[i];
    return a;
  }
  template <unsigned stride>
  static floats butterfly(floats v) noexcept {
    floats r;
    for (std::size_t i = 0; i < lanes; ++i) r.lane[i] = v.lane[i ^ stride] + ((i & stride) != 0 ? -v.lane[i] : v.lane[i]);
    return r;
  }
  static floats to_floats(ints v) noexcept {
    floats r;
    for (std::size_t i = 0; i < lanes; ++i) r.lane[i] = static_cast<float>(v.lane[i]);
    return r;
  }

  static floats load_halves(const std::byte* p) noexcept {
    floats r;
    for (std::size_t i = 0; i < lanes; ++i) r.lane[i] = to_float(read<f16>(p + 2 * i));
    return r;
  }
  static floats load_unsigned(const std::byte* p) noexcept {
    floats r;
    for (std::size_t i = 0; i < lanes; ++i) r.lane[i] = static_cast<float>(read<std::uint8_t>(p + i));
    return r;
  }
  static floats load_signed(const std::byte* p) noexcept {
    floats r;
    for (std::size_t i = 0; i < lanes; ++i) r.lane[i] = static_cast<float>(read<std::int8_t>(p + i));
    return r;
  }
  /// Column 0 or 1 of the two 16-bit columns of a line.
  template <unsigned column>
  static floats half_column(const std::byte* p) noexcept {
    floats r;
    for (std::size_t i = 0; i < lanes; ++i) r.lane[i] = to_float(read<f16>(p + 4 * i + 2 * column));
    return r;
  }
  template <unsigned column>
  static floats brain_column(const std::byte* p) noexcept {
    floats r;
    for (std::size_t i = 0; i < lanes; ++i) r.lane[i] = to_float(read<bf16>(p + 4 * i + 2 * column));
    return r;
  }

  static bytes load_bytes(const std::byte* p) noexcept { return read<bytes>(p); }
  static bytes low_nibbles(bytes v) noexcept {
    for (auto& lane : v.lane)
      for (std::uint8_t& b : lane) b &= 15;
    return v;
  }
  static bytes high_nibbles(bytes v) noexcept {
    for (auto& lane : v.lane)
      for (std::uint8_t& b : lane) b = static_cast<std::uint8_t>(b >> 4);
    return v;
  }
  template <unsigned shift, unsigned mask>
  static bytes field(bytes v) noexcept {
    for (auto& lane : v.lane)
      for (std::uint8_t& b : lane) b = static_cast<std::uint8_t>(b >> shift & mask);
    return v;
  }
  template <int shift, unsigned mask>
  static bytes join(bytes v, bytes high) noexcept {
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t j = 0; j < 4; ++j) {
        const std::uint32_t b = high.lane[i][j];
        v.lane[i][j] = static_cast<std::uint8_t>(v.lane[i][j] | ((shift < 0 ? b << -shift : b >> shift) & mask));
      }
    return v;
  }
  static bytes shift_right(bytes v, unsigned count) noexcept {
    for (auto& lane : v.lane)
      for (std::uint8_t& b : lane) b = static_cast<std::uint8_t>(b >> count);
    return v;
  }
  template <unsigned bits, Operand>
  static void dot(partials& sum, bytes w, const std::int8_t* x) noexcept {
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t j = 0; j < 4; ++j) sum.lane[i] += std::int32_t{w.lane[i][j]} * x[j];
  }

  static constexpr TileShape kept_tile{.tokens = 2};
  template <unsigned bits>
  static constexpr std::size_t kept_fold = 0;
  static constexpr bool takes_signed = true;
  static bytes broadcast_byte(std::uint8_t value) noexcept {
    bytes r;
    std::memset(&r, value, sizeof r);
    return r;
  }
  static bytes subtract_bytes(bytes a, bytes b) noexcept {
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t j = 0; j < 4; ++j) a.lane[i][j] = static_cast<std::uint8_t>(a.lane[i][j] - b.lane[i][j]);
    return a;
  }
  static bytes load_sixteen(const std::int8_t* x) noexcept {
    bytes r;
    for (std::size_t i = 0; i < lanes; i += 4) std::memcpy(r.lane[i], x, 16);
    return r;
  }
  static bytes pick(bytes values, bytes positions) noexcept {
    for (auto& lane : positions.lane)
      for (std::uint8_t& b : lane) b = values.lane[b / 4][b % 4];
    return positions;
  }
  template <std::uint16_t power>
  static bytes next_places(bytes places) noexcept {
    for (auto& lane : places.lane)
      for (std::size_t i = 0; i < 4; i += 2) {
        const std::uint32_t word = static_cast<std::uint32_t>(lane[i] | lane[i + 1] << 8) * power;
        lane[i] = static_cast<std::uint8_t>(word), lane[i + 1] = static_cast<std::uint8_t>(word >> 8);
      }
    return places;
  }
  template <std::size_t s>
  static bytes positions(bytes places) noexcept {
    for (auto& lane : places.lane)
      for (std::size_t i = 0; i < 4; i += 2) {
        const quant::Places kept = quant::all_places[quant::leading_digit(static_cast<std::uint16_t>(lane[i] | lane[i + 1] << 8))];
        lane[i] = static_cast<std::uint8_t>(8 * s + 2 * i + kept.first),
        lane[i + 1] = static_cast<std::uint8_t>(8 * s + 2 * i + kept.second);
      }
    return places;
  }
  template <unsigned bits>
  static void multiply_bytes(partials& sum, bytes a, bytes b) noexcept {
    for (std::size_t i = 0; i < lanes; ++i)
      for (std::size_t j = 0; j < 4; ++j)
        sum.lane[i] += std::int32_t{static_cast<std::int8_t>(a.lane[i][j])} * static_cast<std::int8_t>(b.lane[i][j]);
  }
  template <unsigned bits>
  static ints kept_sum(partials sum) noexcept {
    return sum;
  }

  static void prefetch(const void*) noexcept {}
  static void prefetch_l2(const void*) noexcept {}

  /// Rounds `lanes` values in -127 .. 127 to the nearest integer, ties to even.
  static ints store_codes(std::int8_t* out, const float* x, float factor) noexcept {
    ints codes;
    for (std::size_t i = 0; i < lanes; ++i) codes.lane[i] = out[i] = static_cast<std::int8_t>(std::lrintf(x[i] * factor));
    return codes;
  }
  static std::int32_t sum_lanes(ints v) noexcept {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < lanes; ++i) sum += v.lane[i];
    return sum;
  }

  /// `count` rounds of independent exact byte products held in registers; returns the multiplications done.
  static std::uint64_t product_burst(std::uint64_t count) noexcept {
    partials sum[2] = {};
    bytes w;
    std::memset(&w, 3, sizeof w);
    const std::int8_t x[4] = {1, 2, 3, 4};
    for (std::uint64_t i = 0; i < count; ++i)
      for (partials& s : sum) dot<4, Operand::registers>(s, w, x);
    volatile std::int32_t sink = sum[0].lane[0] + sum[1].lane[1];
    static_cast<void>(sink);
    return count * 2 * lanes * 4;
  }
  static std::uint64_t fma_burst(std::uint64_t count) noexcept {
    floats sum[4] = {broadcast(0.f), broadcast(1.f), broadcast(2.f), broadcast(3.f)};
    const floats a = broadcast(0.5f), b = broadcast(0.25f);
    for (std::uint64_t i = 0; i < count; ++i)
      for (floats& s : sum) s = multiply_add(s, a, b);
    volatile float sink = sum[0].lane[0] + sum[1].lane[1] + sum[2].lane[2] + sum[3].lane[3];
    static_cast<void>(sink);
    return count * 4 * lanes;
  }

 private:
  template <class T>
  static T read(const void* p) noexcept {
    T r;
    std::memcpy(&r, p, sizeof r);
    return r;
  }
};

}  // namespace ingot::kernels
