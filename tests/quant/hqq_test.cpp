// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/hqq.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::quant;
using ingot::to_float;
using ingot::Zero;

namespace {

/// Sums of four 16-bit numbers: bell-shaped, and the same in any language.
std::vector<float> bell(std::size_t n) {
  std::vector<float> values(n);
  std::uint32_t state = 7;
  for (float& value : values) {
    std::uint32_t sum = 0;
    for (int k = 0; k < 4; ++k) {
      state = state * 1664525u + 1013904223u;
      sum += state >> 16;
    }
    value = (static_cast<float>(sum) - 131070.f) * 0x1p-20f;
  }
  return values;
}

struct Errors {
  double absolute = 0, squared = 0, counted = 0;  ///< counted: squared, each weight as usual + |w| as hqq_scale() counts it
};
template <class Encode>
Errors errors(const Scheme& scheme, std::span<const float> weights, std::size_t group, Encode&& encode) {
  Errors sum;
  std::vector<std::uint8_t> codes(group);
  std::vector<float> decoded(group);
  for (std::size_t begin = 0; begin < weights.size(); begin += group) {
    const std::size_t size = std::min(group, weights.size() - begin);
    const auto part = weights.subspan(begin, size);
    const GroupScale scale = encode(scheme, part, std::span{codes}.first(size));
    decode_group(scheme, scale, std::span{codes}.first(size), std::span{decoded}.first(size));
    double squares = 0;
    for (const float w : part) squares += static_cast<double>(w) * static_cast<double>(w);
    const double usual = std::sqrt(squares / static_cast<double>(size));
    for (std::size_t i = 0; i < size; ++i) {
      const double error = static_cast<double>(decoded[i]) - static_cast<double>(part[i]);
      sum.absolute += std::abs(error), sum.squared += error * error;
      sum.counted += (usual + std::abs(static_cast<double>(part[i]))) * error * error;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("the squared error, that of outputs for random inputs, is at most that of the package hqq") {
  // Quantizer.quantize(W [32, 256], nbits, group_size, axis=1) of hqq 0.2.8: the sum of (W - dequantized)^2.
  struct Reference {
    std::uint8_t bits;
    std::uint16_t group;
    double squared;
  };
  const std::vector<float> weights = bell(32 * 256);
  for (const auto& [bits, group, squared] :
       {Reference{2, 32, 1.35398}, Reference{2, 64, 1.78106}, Reference{2, 128, 2.16712}, Reference{3, 32, 0.24995},
        Reference{3, 64, 0.326492}, Reference{3, 128, 0.396568}, Reference{4, 32, 0.0536715}, Reference{4, 64, 0.0708318},
        Reference{4, 128, 0.0864281}, Reference{8, 32, 0.000190371}, Reference{8, 64, 0.000246203}, Reference{8, 128, 0.00029846}}) {
    const Scheme scheme{.bits = bits, .group = group, .zero = Zero::min};
    CAPTURE(to_string(scheme));
    CHECK(errors(scheme, weights, group, hqq_scale).squared < squared);
  }
}

TEST_CASE("the error that is searched for never rises above that of rounding to the nearest code") {
  std::mt19937 random{3};
  std::normal_distribution<float> normal;
  std::vector<float> weights(256);
  for (const std::uint8_t bits : {std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{4}, std::uint8_t{8}})
    for (const Zero zero : {Zero::none, Zero::min})
      for (int exponent = -40; exponent <= 14; exponent += 3)
        for (const std::size_t size : {1u, 2u, 7u, 32u, 100u, 256u}) {
          const Scheme scheme{.bits = bits, .zero = zero};
          for (float& w : weights) w = std::ldexp(normal(random) + (size == 100 ? 30.f : 0.f), exponent - 5);
          weights[0] *= 8;  // an outlier
          INFO(to_string(scheme), " exponent ", exponent, " size ", size);
          const auto group = std::span{weights}.first(size);
          const double before = errors(scheme, group, size, encode_group).counted, after = errors(scheme, group, size, hqq_scale).counted;
          CHECK(after <= before * (1 + 1e-5));
        }
}

TEST_CASE("it gains where it can: a fifth of the squared error in 3 bits with a min; symmetric codes use their whole range anyhow") {
  const std::vector<float> weights = bell(64 * 200);
  for (const Zero zero : {Zero::none, Zero::min}) {
    const Scheme scheme{.bits = 3, .zero = zero};
    CHECK(errors(scheme, weights, 64, hqq_scale).squared <
          (zero == Zero::min ? 0.85 : 0.95) * errors(scheme, weights, 64, encode_group).squared);
  }
}

TEST_CASE("an outlier does not set the range of all others") {
  std::vector<float> weights = bell(64);
  weights[5] = 0.6f;
  const Scheme scheme{.bits = 4, .zero = Zero::min};
  const Errors found = errors(scheme, weights, 64, hqq_scale), nearest = errors(scheme, weights, 64, encode_group);
  CHECK(found.absolute < nearest.absolute);
  CHECK(found.squared < 0.98 * nearest.squared);
  CHECK(found.counted < 0.98 * nearest.counted);
}

TEST_CASE("large weights are worth more than the squared error says: their errors shrink at the cost of the many") {
  const std::vector<float> weights = bell(64 * 200);
  const Scheme scheme{.bits = 4, .zero = Zero::min};
  const auto error_of_largest = [&](auto&& encode) {
    double sum = 0;
    std::vector<std::uint8_t> codes(64);
    std::vector<float> decoded(64);
    for (std::size_t begin = 0; begin < weights.size(); begin += 64) {
      const auto part = std::span{weights}.subspan(begin, 64);
      decode_group(scheme, encode(scheme, part, codes), codes, decoded);
      const auto largest = static_cast<std::size_t>(
          std::max_element(part.begin(), part.end(), [](float a, float b) { return std::abs(a) < std::abs(b); }) - part.begin());
      sum += std::pow(static_cast<double>(decoded[largest] - part[largest]), 2);
    }
    return sum / static_cast<double>(weights.size() / 64);
  };
  const double usual = errors(scheme, weights, 64, hqq_scale).squared / static_cast<double>(weights.size());
  CAPTURE(error_of_largest(hqq_scale) / usual);
  CHECK(error_of_largest(hqq_scale) < 0.6 * usual);  // 0.45; 0.8 by the plain squared error
}

TEST_CASE("weights too large for binary16 are told as encode_group tells them") {
  const std::vector<float> huge{1e30f, -1e30f, 3.f};
  std::vector<std::uint8_t> codes(3);
  CHECK_FALSE(is_finite(hqq_scale({.bits = 4}, huge, codes).scale));
  CHECK_FALSE(is_finite(hqq_scale({.bits = 4, .zero = Zero::min}, huge, codes).min));
}
