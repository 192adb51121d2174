// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/rope.hpp: rotary frequencies with their scalings, and the table of cosines and sines.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include <ingot/core/float16.hpp>
#include <ingot/model/config.hpp>

namespace ingot::model {

/// The frequency of each rotated pair, and the factor on cosine and sine.
struct RopeFrequencies {
  std::vector<float> inverse;  // [rotary / 2]
  float amplitude = 1;
};

/// Frequencies for texts of `length` positions. Plain: theta^(-2i/r). Sources of the scalings: linear and dynamic NTK (Hugging Face
/// transformers, `modeling_rope_utils`), qwen (Qwen-7B's modeling_qwen.py, `get_ntk_alpha`), llama3 (Llama 3.1 reference code), yarn (arXiv
/// 2309.00071, section 3), longrope (arXiv 2402.13753; amplitude sqrt(1 + ln(factor) / ln(original_positions))).
[[nodiscard]] inline RopeFrequencies rope_frequencies(const RopeConfig& rope, std::uint32_t length) {
  const double r = rope.rotary, two_pi = 2 * std::numbers::pi;
  double theta = rope.theta;
  if (rope.scaling == RopeScaling::dynamic) {  // the base grows with the text, once it is longer than the trained context
    const double m = rope.original_positions, seen = std::max<double>(length, m);
    theta *= std::pow(rope.factor * seen / m - (rope.factor - 1), r / (r - 2));
  }
  if (rope.scaling == RopeScaling::qwen) {  // in steps, as the text doubles
    const double doublings = std::ceil(std::log2(static_cast<double>(std::max(length, 1u)) / rope.original_positions) + 1);
    theta *= std::pow(std::max(1.0, std::exp2(doublings) - 1), r / (r - 2));
  }
  RopeFrequencies f;
  f.inverse.resize(rope.rotary / 2);
  for (std::size_t i = 0; i < f.inverse.size(); ++i) f.inverse[i] = static_cast<float>(std::pow(theta, -2.0 * static_cast<double>(i) / r));

  switch (rope.scaling) {
    case RopeScaling::none:
    case RopeScaling::qwen:
    case RopeScaling::dynamic:
      break;
    case RopeScaling::linear:
      for (float& inverse : f.inverse) inverse /= static_cast<float>(rope.factor);
      break;
    case RopeScaling::llama3:  // long waves slowed down, short ones kept, a ramp between
      for (float& inverse : f.inverse) {
        const double turns = rope.original_positions * static_cast<double>(inverse) / two_pi;
        if (turns > rope.high_frequency_factor) continue;
        const double smooth =
            std::clamp((turns - rope.low_frequency_factor) / (rope.high_frequency_factor - rope.low_frequency_factor), 0.0, 1.0);
        inverse = static_cast<float>((1 - smooth) * inverse / rope.factor + smooth * inverse);
      }
      break;
    case RopeScaling::longrope: {
      const std::vector<float>& divisors = length <= rope.original_positions ? rope.short_factor : rope.long_factor;
      for (std::size_t i = 0; i < f.inverse.size(); ++i) f.inverse[i] /= divisors[i];
      f.amplitude = static_cast<float>(rope.attention_factor != 0 ? rope.attention_factor
                                       : rope.factor <= 1         ? 1.0
                                                          : std::sqrt(1 + std::log(rope.factor) / std::log(rope.original_positions)));
      break;
    }
    case RopeScaling::yarn: {
      const auto dimension = [&](double turns) {
        return r * std::log(rope.original_positions / (turns * two_pi)) / (2 * std::log(rope.theta));
      };
      double low = dimension(rope.beta_fast), high = dimension(rope.beta_slow);
      if (rope.truncate) low = std::floor(low), high = std::ceil(high);
      low = std::max(low, 0.0), high = std::min(high, r - 1);
      if (low == high) high += 0.001;  // no ramp: a step
      for (std::size_t i = 0; i < f.inverse.size(); ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        f.inverse[i] = static_cast<float>(f.inverse[i] / rope.factor * ramp + f.inverse[i] * (1 - ramp));
      }
      const auto mscale = [&](double m) { return rope.factor <= 1 ? 1.0 : 0.1 * m * std::log(rope.factor) + 1; };
      const bool ratio = rope.mscale != 0 && rope.mscale_all_dim != 0;
      f.amplitude = static_cast<float>(rope.attention_factor != 0 ? rope.attention_factor
                                       : ratio                    ? mscale(rope.mscale) / mscale(rope.mscale_all_dim)
                                                                  : mscale(1));
      break;
    }
  }
  if (rope.half_precision)
    for (float& inverse : f.inverse) inverse = to_float(to_f16(inverse));
  return f;
}

/// Whether frequencies change once a text is longer than the model was trained for.
[[nodiscard]] constexpr bool depends_on_length(RopeScaling scaling) noexcept {
  return scaling == RopeScaling::dynamic || scaling == RopeScaling::longrope || scaling == RopeScaling::qwen;
}

/// Cosines and sines by position, extended when a longer text comes.
class RopeTable {
 public:
  RopeTable() = default;
  explicit RopeTable(const RopeConfig& config) : config_{config} {}

  /// Makes positions 0 .. length-1 available. Where frequencies depend on the length, passing the trained
  /// context recomputes all of them, as the references do; keys cached before keep their old rotation.
  void extend(std::uint32_t length) {
    if (length <= length_) return;
    const bool by_length = depends_on_length(config_.scaling);
    const bool moving = by_length && length > config_.original_positions;
    if (length_ == 0 || moving) frequencies_ = rope_frequencies(config_, length), length_ = 0;
    if (!moving) length = std::max(length, by_length ? std::min(length_ * 2, config_.original_positions) : length_ * 2);
    const std::size_t half = frequencies_.inverse.size();
    values_.resize(std::size_t{length} * half * 2);
    for (std::size_t p = length_; p < length; ++p)
      for (std::size_t i = 0; i < half; ++i) {
        const float angle = static_cast<float>(p) * frequencies_.inverse[i];  // rounded to float, as the references do
        values_[p * 2 * half + i] = static_cast<float>(std::cos(static_cast<double>(angle))) * frequencies_.amplitude;
        values_[p * 2 * half + half + i] = static_cast<float>(std::sin(static_cast<double>(angle))) * frequencies_.amplitude;
      }
    length_ = length;
  }

  [[nodiscard]] std::uint32_t rotary() const noexcept { return config_.rotary; }
  [[nodiscard]] const float* cosine(std::uint32_t position) const noexcept {
    return values_.data() + std::size_t{position} * config_.rotary;
  }
  [[nodiscard]] const float* sine(std::uint32_t position) const noexcept { return cosine(position) + config_.rotary / 2; }

 private:
  RopeConfig config_;
  RopeFrequencies frequencies_;
  std::uint32_t length_ = 0;
  std::vector<float> values_;  // [position][cosines, then sines]
};

}  // namespace ingot::model
