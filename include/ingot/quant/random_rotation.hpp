// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/random_rotation.hpp: an orthogonal matrix of any size that is cheap to multiply with and spreads outliers.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace ingot::quant {

/// Q = diag(signs) (H x O): n = p * m, p the largest power of two in it; H the Hadamard matrix of p columns over sqrt(p); O a random
/// orthogonal matrix [m, m], m odd. Signs and O come from the seed. (QuaRot, arXiv 2404.00456, takes H and the signs.)
class RandomRotation {
 public:
  RandomRotation(std::size_t n, std::uint64_t seed) : power_{std::size_t{1} << std::countr_zero(n)}, odd_{n / power_}, signs_(n) {
    std::mt19937_64 random{seed};
    for (float& sign : signs_) sign = (random() & 1) != 0 ? -1.f : 1.f;
    if (odd_ > 1) mix_ = orthogonal(odd_, random);
  }

  [[nodiscard]] std::size_t size() const noexcept { return signs_.size(); }

  /// values [size(), width]: each column v becomes QT v; of a row of values, width 1, that is the row times Q.
  void turn(std::span<float> values, std::size_t width) const {
    for (std::size_t i = 0; i < signs_.size(); ++i)
      if (signs_[i] < 0)
        for (std::size_t k = 0; k < width; ++k) values[i * width + k] = -values[i * width + k];
    const float norm = 1 / std::sqrt(static_cast<float>(power_));
    for (std::size_t half = width; half < power_ * width; half *= 2)
      for (std::size_t begin = 0; begin < values.size(); begin += 2 * half)
        for (std::size_t k = begin; k < begin + half; ++k) {
          const float a = values[k], b = values[k + half];
          values[k] = a + b, values[k + half] = a - b;
        }
    if (odd_ == 1) {
      for (float& value : values) value *= norm;
      return;
    }
    const std::size_t block = power_ * width;
    constexpr std::size_t strip = 256;  // floats of each block that stay in the L1 cache
    std::vector<float> mixed(odd_ * strip);
    for (std::size_t begin = 0; begin < block; begin += strip) {
      const std::size_t count = block - begin < strip ? block - begin : strip;
      for (std::size_t to = 0; to < odd_; ++to) {
        float* const sum = mixed.data() + to * strip;
        for (std::size_t k = 0; k < count; ++k) sum[k] = 0;
        for (std::size_t from = 0; from < odd_; ++from) {
          const float factor = mix_[from * odd_ + to] * norm;
          const float* const v = values.data() + from * block + begin;
          for (std::size_t k = 0; k < count; ++k) sum[k] += factor * v[k];
        }
      }
      for (std::size_t to = 0; to < odd_; ++to)
        for (std::size_t k = 0; k < count; ++k) values[to * block + begin + k] = mixed[to * strip + k];
    }
  }

 private:
  /// Random rows made orthonormal by Gram-Schmidt, twice over. By sums of uniform numbers: std::normal_distribution differs by library.
  static std::vector<float> orthogonal(std::size_t n, std::mt19937_64& random) {
    std::vector<double> rows(n * n);
    for (double& value : rows) {
      value = -6;
      for (int i = 0; i < 12; ++i) value += static_cast<double>(random() >> 11) * 0x1p-53;
    }
    for (std::size_t i = 0; i < n; ++i) {
      double* const row = rows.data() + i * n;
      for (std::size_t other = 0; other < 2 * i; ++other) {
        const double* const before = rows.data() + other % i * n;
        double product = 0;
        for (std::size_t k = 0; k < n; ++k) product += row[k] * before[k];
        for (std::size_t k = 0; k < n; ++k) row[k] -= product * before[k];
      }
      double squares = 0;
      for (std::size_t k = 0; k < n; ++k) squares += row[k] * row[k];
      for (std::size_t k = 0; k < n; ++k) row[k] /= std::sqrt(squares);
    }
    return {rows.begin(), rows.end()};
  }

  std::size_t power_, odd_;
  std::vector<float> signs_;
  std::vector<float> mix_;  // O
};

}  // namespace ingot::quant
