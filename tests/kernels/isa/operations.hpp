// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/kernels/isa/operations.hpp: what every specialisation of Ops promises.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>

#include <doctest/doctest.h>

#include <ingot/core/float16.hpp>
#include <ingot/kernels/isa.hpp>

namespace operations {

template <class Isa>
void check() {
  using namespace ingot;
  using O = kernels::Ops<Isa>;
  constexpr std::size_t n = O::lanes;
  static_assert(16 % n == 0, "strips cut a panel evenly");
  if (!Isa::supported()) return;
  std::mt19937 random{1};
  alignas(64) std::byte line[4 * n];
  for (std::byte& b : line) b = static_cast<std::byte>(random());
  float out[n];

  for (std::size_t count = 0; count <= n; ++count) {  // partial loads and stores touch nothing else
    float in[n], target[n];
    for (std::size_t i = 0; i < n; ++i) in[i] = static_cast<float>(i + 1), target[i] = -1;
    O::store(target, O::load(in, count), count);
    for (std::size_t i = 0; i < n; ++i) CHECK(target[i] == (i < count ? in[i] : -1));
    O::store(target, O::load(in, count));
    for (std::size_t i = 0; i < n; ++i) CHECK(target[i] == (i < count ? in[i] : 0));
  }

  const auto expect = [&](typename O::floats v, auto&& expected) {
    O::store(out, v);
    for (std::size_t i = 0; i < n; ++i) CHECK(out[i] == expected(i));
  };
  const auto at = [&]<class T>(std::size_t offset, T) {
    T v;
    std::memcpy(&v, line + offset, sizeof v);
    return v;
  };
  for (std::size_t i = 0; i < 4 * n; i += 2) line[i + 1] &= std::byte{0xbb};  // no NaN among the 16-bit elements
  expect(O::load_halves(line), [&](std::size_t i) { return to_float(at(2 * i, f16{})); });
  expect(O::load_unsigned(line), [&](std::size_t i) { return static_cast<float>(at(i, std::uint8_t{})); });
  expect(O::load_signed(line), [&](std::size_t i) { return static_cast<float>(at(i, std::int8_t{})); });
  expect(O::template half_column<0>(line), [&](std::size_t i) { return to_float(at(4 * i, f16{})); });
  expect(O::template half_column<1>(line), [&](std::size_t i) { return to_float(at(4 * i + 2, f16{})); });
  expect(O::template brain_column<0>(line), [&](std::size_t i) { return to_float(at(4 * i, bf16{})); });
  expect(O::template brain_column<1>(line), [&](std::size_t i) { return to_float(at(4 * i + 2, bf16{})); });

  const std::int8_t activations[][4] = {{127, 127, 127, 127}, {-127, -127, -127, -127}, {1, -2, 3, -4}, {127, -127, 0, 5}};
  for (const auto& x : activations) {
    const auto product = [&](std::size_t i, auto&& code) {
      std::int32_t sum = 0;
      for (std::size_t j = 0; j < 4; ++j) sum += code(std::to_integer<int>(line[4 * i + j])) * x[j];
      return static_cast<float>(sum);
    };
    for (const int fill : {-1, 255}) {
      if (fill >= 0) std::memset(line, fill, sizeof line);
      const auto dot = [&]<unsigned bits, class Dependent = O>(typename O::bytes w) {
        typename O::partials sum{};
        O::template dot<bits, kernels::Operand::registers>(sum, w, x);
        if constexpr (O::template fold_columns<bits> != 0)
          return O::to_floats(Dependent::fold(sum));
        else
          return O::to_floats(sum);
      };
      const auto w = O::load_bytes(line);
      expect(dot.template operator()<4>(O::low_nibbles(w)), [&](std::size_t i) { return product(i, [](int b) { return b & 15; }); });
      expect(dot.template operator()<4>(O::high_nibbles(w)), [&](std::size_t i) { return product(i, [](int b) { return b >> 4; }); });
      // The fields of a byte, and a code of two of them: 3 bits and 6; upper halves after a shift.
      expect(dot.template operator()<2>(O::template field<6, 3>(w)),
             [&](std::size_t i) { return product(i, [](int b) { return b >> 6; }); });
      expect(dot.template operator()<3>(O::template join<-1, 4>(O::template field<2, 3>(w), w)),
             [&](std::size_t i) { return product(i, [](int b) { return (b >> 2 & 3) | (b << 1 & 4); }); });
      expect(dot.template operator()<3>(O::template join<1, 4>(O::template field<4, 3>(w), O::shift_right(w, 4))),
             [&](std::size_t i) { return product(i, [](int b) { return (b >> 4 & 3) | (b >> 5 & 4); }); });
      expect(dot.template operator()<5>(O::template join<-4, 16>(O::low_nibbles(w), O::shift_right(w, 0))),
             [&](std::size_t i) { return product(i, [](int b) { return (b & 15) | (b << 4 & 16); }); });
      expect(dot.template operator()<6>(O::template join<2, 48>(O::high_nibbles(w), w)),
             [&](std::size_t i) { return product(i, [](int b) { return b >> 4 | (b >> 2 & 48); }); });
      expect(dot.template operator()<8>(w),
             [&](std::size_t i) { return product(i, [](int b) { return b - O::template code_offset<8>; }); });
    }
  }

  // 2:4: whatever words stand there, their digits pick two of each four activations
  for (std::byte& b : line) b = static_cast<std::byte>(random());
  std::int8_t sixteen[16];
  for (std::size_t i = 0; i < 16; ++i) sixteen[i] = static_cast<std::int8_t>(random() % 255 - 127);
  const auto words = O::load_bytes(line), places = O::template next_places<36>(words);
  const auto picked = [&]<unsigned bits, std::size_t s>() {
    typename O::partials sum{};
    auto kept = O::subtract_bytes(words, O::broadcast_byte(3)), values = O::load_sixteen(sixteen);
    if constexpr (!O::takes_signed) values = O::subtract_bytes(values, O::broadcast_byte(128));
    O::template multiply_bytes<bits>(sum, O::pick(values, O::template positions<s>(places)), kept);
    expect(O::to_floats(O::template kept_sum<bits>(sum)), [&](std::size_t i) {
      constexpr int of[6][2] = {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}};
      std::int32_t total = 0;
      for (std::size_t j = 0; j < 4; ++j) {
        const auto word = static_cast<std::uint16_t>(at(4 * i + j / 2 * 2, std::uint16_t{}) * 36u);
        const std::int32_t x = sixteen[8 * s + j / 2 * 4 + static_cast<std::size_t>(of[word * 6u >> 16][j % 2])];
        const std::int32_t code = static_cast<std::int8_t>(std::to_integer<int>(line[4 * i + j]) - 3);
        total += code * (O::takes_signed ? x : x + 128);
      }
      return static_cast<float>(total);
    });
  };
  picked.template operator()<8, 0>();
  picked.template operator()<8, 1>();

  float values[n];
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<float>(i) - 3.5f;  // ties
  const auto mixed = [&]<unsigned stride>() {
    expect(O::template butterfly<stride>(O::load(values)),
           [&](std::size_t i) { return (i & stride) == 0 ? values[i] + values[i ^ stride] : values[i ^ stride] - values[i]; });
  };
  mixed.template operator()<1>();
  mixed.template operator()<2>();
  if constexpr (n > 4) mixed.template operator()<4>();
  if constexpr (n > 8) mixed.template operator()<8>();
  if constexpr (requires { O::max_lanes(O::load(values)); }) {
    CHECK(O::sum_lanes(O::load(values)) == static_cast<float>(n) * (static_cast<float>(n - 1) / 2 - 3.5f));
    CHECK(O::max_lanes(O::load(values)) == values[n - 1]);
  }
  std::int8_t codes[n];
  const auto stored = O::store_codes(codes, values, 1.0f);
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    CHECK(codes[i] == static_cast<int>(std::nearbyint(values[i])));
    sum += codes[i];
  }
  CHECK(O::sum_lanes(stored) == sum);
  CHECK(O::product_burst(3) > 0);
  CHECK(O::fma_burst(3) > 0);
}

}  // namespace operations
