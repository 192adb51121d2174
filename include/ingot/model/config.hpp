// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/config.hpp: the numbers of one model: extents, layers, rope, scales, end tokens.

#include <cstdint>
#include <string>
#include <vector>

#include <ingot/kernels/activation.hpp>

namespace ingot::model {

using kernels::Activation;

/// The extents that loops run over. A literal type: an exact-shape model holds it as a constant.
struct Shape {
  std::uint32_t hidden = 0;  ///< width of the residual stream
  std::uint32_t layers = 0;
  std::uint32_t heads = 0;         ///< query heads
  std::uint32_t kv_heads = 0;      ///< divides heads
  std::uint32_t head_dim = 0;      ///< of queries and keys; heads * head_dim need not equal hidden
  std::uint32_t intermediate = 0;  ///< width of the dense feed-forward
  std::uint32_t vocabulary = 0;    ///< rows of the head; may exceed the tokenizer's
  std::uint32_t value_dim = 0;     ///< of a value head; 0: head_dim

  std::uint32_t experts = 0, experts_used = 0;  ///< of a layer; chosen for a token
  std::uint32_t expert_width = 0;               ///< intermediate of one expert
  std::uint32_t shared_width = 0;               ///< intermediate of the expert that every token visits; 0: none

  std::uint32_t query_rank = 0, kv_rank = 0;  ///< latent attention: widths of the compressed rows; query_rank 0: not compressed
  std::uint32_t rope_dim = 0;                 ///< latent attention: trailing dimensions of a head that turn

  std::uint32_t delta_key_heads = 0, delta_heads = 0;  ///< delta rule: heads of queries and keys, of values
  std::uint32_t delta_key = 0, delta_value = 0;        ///< delta rule: widths of a head
  std::uint32_t taps = 0;                              ///< positions under a short convolution

  friend constexpr bool operator==(const Shape&, const Shape&) = default;
  [[nodiscard]] constexpr std::uint32_t group() const noexcept { return kv_heads == 0 ? 0 : heads / kv_heads; }
  [[nodiscard]] constexpr std::uint32_t value_width() const noexcept { return value_dim == 0 ? head_dim : value_dim; }
  [[nodiscard]] constexpr std::uint32_t q_width() const noexcept { return heads * head_dim; }
  [[nodiscard]] constexpr std::uint32_t k_width() const noexcept { return kv_heads * head_dim; }
  [[nodiscard]] constexpr std::uint32_t v_width() const noexcept { return kv_heads * value_width(); }
  /// Channels of a delta layer's convolution: queries, keys, values.
  [[nodiscard]] constexpr std::uint32_t delta_channels() const noexcept {
    return 2 * delta_key_heads * delta_key + delta_heads * delta_value;
  }
  [[nodiscard]] constexpr std::uint32_t context_width() const noexcept { return heads * value_width(); }
};

/// The extents of a model and of its layers.
struct LayerExtents {
  Shape shape;
  std::vector<Shape> extents;  ///< [shape.layers], where layers differ in their extents; else empty

  [[nodiscard]] const Shape& extents_of(std::uint32_t layer) const noexcept { return extents.empty() ? shape : extents[layer]; }
};

/// How rotary frequencies are scaled for long contexts; formulas in rope.hpp.
enum class RopeScaling : std::uint8_t { none, linear, dynamic, llama3, yarn, longrope, qwen };

struct RopeConfig {
  double theta = 10000;
  std::uint32_t rotary = 0;  ///< leading dimensions of a head that turn; RopePairs::planar: of each half of a head
  RopeScaling scaling = RopeScaling::none;
  double factor = 1;
  double low_frequency_factor = 1, high_frequency_factor = 4;  ///< llama3
  double beta_fast = 32, beta_slow = 1;                        ///< yarn
  double attention_factor = 0;                                 ///< yarn, longrope: multiplies cos and sin; 0: by their formula
  double mscale = 0, mscale_all_dim = 0;                       ///< yarn: their ratio, when both are given
  bool truncate = true;                                        ///< yarn: round the ramp's ends
  std::vector<float> short_factor, long_factor;                ///< longrope: [rotary / 2] divisors, by the length of the text
  std::uint32_t original_positions = 0;                        ///< context before scaling
  bool half_precision = false;                                 ///< frequencies are rounded to binary16, as ChatGLM-6B stores them
};

/// What mixes the positions of a layer.
enum class Mixer : std::uint8_t { attention, delta, convolution };

/// What layers of one model differ in.
struct Layer {
  Mixer mixer = Mixer::attention;
  std::int8_t rope = 0;      ///< index into Config::ropes; -1: positions are not rotated
  bool sparse = false;       ///< experts instead of the dense feed-forward
  std::uint32_t window = 0;  ///< keys a query sees, itself included; 0: all before it
  std::uint32_t chunk = 0;   ///< a query sees keys of its own chunk of positions only; 0: of all

  friend constexpr bool operator==(const Layer&, const Layer&) = default;
};

/// How a mixture of experts weighs those it has chosen.
struct RoutingConfig {
  bool normalize = false;                     ///< weights of a token sum up to 1
  float factor = 1;                           ///< on the weights
  std::uint32_t groups = 1, groups_used = 1;  ///< experts come in groups; a token stays within a few of them
  bool group_by_two = false;                  ///< a group's score is the sum of its two best, else its best
};

/// Queries grow with their position, so that attention over long texts stays sharp.
enum class QueryScaling : std::uint8_t {
  none,
  logarithm,    ///< max(1, ln(position + 1) / ln(trained positions)) (Qwen 1)
  temperature,  ///< 1 + scale * ln(1 + floor((position + 1) / floor)), in layers that do not rotate (Llama 4)
};

/// One model. Read by its family from config.json, which packages carry as llm_config.json.
struct Config : LayerExtents {
  std::string model_type;
  std::vector<Layer> layers;  ///< [shape.layers]
  std::vector<RopeConfig> ropes;
  float norm_eps = 1e-6f;
  float latent_eps = 1e-6f;  ///< latent attention: of the norms of compressed rows
  bool qk_norm = true;       ///< false: this model leaves out the norm of heads that its family's traits ask for
  Activation activation = Activation::silu;
  RoutingConfig routing;

  float embedding_scale = 1;                ///< on embedding rows
  float residual_scale = 1;                 ///< on what a block adds to the residual stream
  float stream_scale = 1;                   ///< Residual::post: on the normed stream that the branch is added to
  float logit_scale = 1;                    ///< on the logits
  float attention_scale = 0;                ///< on products of queries and keys; 0: 1 / sqrt(head_dim)
  float attention_cap = 0;                  ///< c: products become c tanh(x / c); 0: none
  float logit_cap = 0;                      ///< the same for logits
  float value_scale = 1;                    ///< on the context
  float glu_limit = 0, glu_alpha = 1.702f;  ///< FeedForward::clamped
  QueryScaling query_scaling = QueryScaling::none;
  double query_scale = 0, query_floor = 0;  ///< temperature: scale and floor; logarithm: floor is the trained context
  bool alibi = false;                       ///< distances are subtracted from the products, by slopes of the heads (arXiv 2108.12409)
  bool causal = true;                       ///< else every position sees all: an encoder
  std::int32_t context_end = -1;            ///< token that ends the part of a prompt that sees all of itself (ChatGLM-6B); -1: none
  std::int32_t mask_tokens[2] = {-1, -1};   ///< with context_end: the token whose position the answer's tokens take, in order of choice
  bool learned_positions = false;           ///< a row of a table is added to each embedding by its position
  std::uint32_t token_types = 0;            ///< rows of a table whose first is added to each embedding; 0: none

  std::uint32_t max_positions = 0;  ///< what the checkpoint was made for
  bool tied = false;                ///< the head is the embedding
  bool unit_head = false;           ///< rows of the head are scaled to length 1 (Baichuan 2); packages hold them so already
  std::uint32_t repeats = 1;        ///< times in a row that each stored block runs (MobileLLM); `layers` counts the runs
  std::int32_t bos = -1;            ///< -1: none
  std::vector<std::int32_t> eos;    ///< any of them ends a text
};

}  // namespace ingot::model
