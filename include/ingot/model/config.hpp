// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/config.hpp: the numbers of one model: shape, rope, windows, end tokens.

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::model {

/// The extents that loops run over. A literal type: an exact-shape model holds it as a constant.
struct Shape {
  std::uint32_t hidden = 0;  ///< width of the residual stream
  std::uint32_t layers = 0;
  std::uint32_t heads = 0;         ///< query heads
  std::uint32_t kv_heads = 0;      ///< divides heads
  std::uint32_t head_dim = 0;      ///< heads * head_dim need not equal hidden
  std::uint32_t intermediate = 0;  ///< width of the feed-forward
  std::uint32_t vocabulary = 0;    ///< rows of the head; may exceed the tokenizer's

  friend constexpr bool operator==(const Shape&, const Shape&) = default;
  [[nodiscard]] constexpr std::uint32_t group() const noexcept { return heads / kv_heads; }
  [[nodiscard]] constexpr std::uint32_t q_width() const noexcept { return heads * head_dim; }
  [[nodiscard]] constexpr std::uint32_t kv_width() const noexcept { return kv_heads * head_dim; }
};

/// How rotary frequencies are scaled for long contexts; formulas in rope.hpp.
enum class RopeScaling : std::uint8_t { none, linear, dynamic, llama3, yarn, longrope };

struct RopeConfig {
  double theta = 10000;
  std::uint32_t rotary = 0;  ///< leading dimensions of a head that turn
  RopeScaling scaling = RopeScaling::none;
  double factor = 1;
  double low_frequency_factor = 1, high_frequency_factor = 4;  ///< llama3
  double beta_fast = 32, beta_slow = 1;                        ///< yarn
  double attention_factor = 0;                                 ///< yarn, longrope: multiplies cos and sin; 0: by their formula
  double mscale = 0, mscale_all_dim = 0;                       ///< yarn: their ratio, when both are given
  bool truncate = true;                                        ///< yarn: round the ramp's ends
  std::vector<float> short_factor, long_factor;                ///< longrope: [rotary / 2] divisors, by the length of the text
  std::uint32_t original_positions = 0;                        ///< context before scaling
};

/// One model. Read by config_reader.hpp, written into packages as llm_config.json.
struct Config {
  std::string model_type;
  Shape shape;
  float norm_eps = 1e-6f;
  RopeConfig rope;
  std::vector<std::uint32_t> window;  ///< by layer: keys a query sees, itself included; 0: all before it
  std::uint32_t max_positions = 0;    ///< what the checkpoint was made for
  bool tied = false;                  ///< the head is the embedding
  std::int32_t bos = -1;              ///< -1: none
  std::vector<std::int32_t> eos;      ///< any of them ends a text
};

}  // namespace ingot::model
