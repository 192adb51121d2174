// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/weights.hpp: the weights of a decoder by role, and what reading and multiplying them costs.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/model/config.hpp>
#include <ingot/quant/matrix_view.hpp>

namespace ingot::model {

/// What a matrix is for. An exact-shape model has a type for each.
enum class Role : std::uint8_t {
  embedding,
  query,
  key,
  value,
  output,
  gate,
  up,
  down,
  head,
  positions,       // [max_positions, hidden], learned
  token_types,     // [token_types, hidden]
  attention_gate,  // on the context
  query_down,      // latent attention: x -> compressed query
  query_up,        // compressed query -> heads
  kv_down,         // x -> compressed key and value, and the turned part of the keys
  key_up,          // of each head: query -> compressed key
  value_up,        // of each head: compressed value -> value
  router,
  expert_gate,
  expert_up,
  expert_down,
  shared_gate,
  shared_up,
  shared_down,
  shared_switch,  // one row: how much of the shared expert a token takes
  delta_query,    // before the convolution, as keys and values
  delta_key,
  delta_value,
  delta_gate,
  delta_beta,
  delta_decay,
  delta_output,
  convolution_input,
  convolution_output,
};

/// Names of the roles, in their order.
inline constexpr std::array role_names = {"embedding",
                                          "query",
                                          "key",
                                          "value",
                                          "output",
                                          "gate",
                                          "up",
                                          "down",
                                          "head",
                                          "positions",
                                          "token_types",
                                          "attention_gate",
                                          "query_down",
                                          "query_up",
                                          "kv_down",
                                          "key_up",
                                          "value_up",
                                          "router",
                                          "expert_gate",
                                          "expert_up",
                                          "expert_down",
                                          "shared_gate",
                                          "shared_up",
                                          "shared_down",
                                          "shared_switch",
                                          "delta_query",
                                          "delta_key",
                                          "delta_value",
                                          "delta_gate",
                                          "delta_beta",
                                          "delta_decay",
                                          "delta_output",
                                          "convolution_input",
                                          "convolution_output"};

/// Rows and columns that `role` has in a layer of `shape`.
[[nodiscard]] constexpr std::pair<std::uint32_t, std::uint32_t> extents(Role role, const Shape& shape) noexcept {
  const std::uint32_t hidden = shape.hidden, unturned = shape.head_dim - shape.rope_dim;
  switch (role) {
    case Role::query:
      return {shape.q_width(), hidden};
    case Role::key:
      return {shape.k_width(), hidden};
    case Role::value:
      return {shape.v_width(), hidden};
    case Role::output:
      return {hidden, shape.context_width()};
    case Role::gate:
    case Role::up:
      return {shape.intermediate, hidden};
    case Role::down:
      return {hidden, shape.intermediate};
    case Role::attention_gate:
      return {shape.context_width(), hidden};
    case Role::query_down:
      return {shape.query_rank, hidden};
    case Role::query_up:
      return {shape.q_width(), shape.query_rank};
    case Role::kv_down:
      return {shape.kv_rank + shape.rope_dim, hidden};
    case Role::key_up:
      return {shape.heads * shape.kv_rank, unturned};
    case Role::value_up:
      return {shape.context_width(), shape.kv_rank};
    case Role::router:
      return {shape.experts, hidden};
    case Role::expert_gate:
    case Role::expert_up:
      return {shape.expert_width, hidden};
    case Role::expert_down:
      return {hidden, shape.expert_width};
    case Role::shared_gate:
    case Role::shared_up:
      return {shape.shared_width, hidden};
    case Role::shared_down:
      return {hidden, shape.shared_width};
    case Role::shared_switch:
      return {1, hidden};
    case Role::delta_query:
    case Role::delta_key:
      return {shape.delta_key_heads * shape.delta_key, hidden};
    case Role::delta_value:
    case Role::delta_gate:
      return {shape.delta_heads * shape.delta_value, hidden};
    case Role::delta_beta:
    case Role::delta_decay:
      return {shape.delta_heads, hidden};
    case Role::delta_output:
      return {hidden, shape.delta_heads * shape.delta_value};
    case Role::convolution_input:
      return {3 * hidden, hidden};
    case Role::convolution_output:
      return {hidden, hidden};
    case Role::embedding:
    case Role::head:
    case Role::positions:
    case Role::token_types:
      break;
  }
  return {shape.vocabulary, hidden};
}

/// Where weights come from, by their canonical names. What it returns stays valid while the source lives.
class WeightSource {
 public:
  virtual ~WeightSource() = default;
  [[nodiscard]] virtual bool has(std::string_view name) const = 0;
  /// The matrix [rows, columns]. Errors: not there (damaged), another shape (damaged), a type we cannot read (unsupported).
  virtual Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) = 0;
  /// `size` floats: a vector, or a table of so many rows, one after the other.
  virtual Result<const float*> vector(std::string_view name, std::uint32_t size, std::uint32_t rows = 1) = 0;
};

/// y = W x + b
template <class Backend, Role R>
struct Linear {
  typename Backend::template matrix<R> matrix;
  const float* bias = nullptr;  // [rows]; absent in most models
};

struct NormWeights {
  const float* weight = nullptr;  // [width]
  const float* bias = nullptr;    // [width], of Norm::layer
};

/// Multi-head attention; widths in extents().
template <class Backend>
struct HeadsWeights {
  Linear<Backend, Role::query> query;
  Linear<Backend, Role::key> key;
  Linear<Backend, Role::value> value;
  Linear<Backend, Role::attention_gate> gate;  // with Family::gated_attention
  const float* query_norm = nullptr;           // [head_dim], with a weighted QkNorm
  const float* key_norm = nullptr;             // [head_dim]
  const float* sinks = nullptr;                // [heads], or none
};

/// Latent attention (arXiv 2405.04434, section 2.1), in the form that never expands the cached rows: W_UK is on the query's side.
template <class Backend>
struct LatentWeights {
  Linear<Backend, Role::query> query;            // without query compression
  Linear<Backend, Role::query_down> query_down;  // with it
  const float* query_norm = nullptr;             // [query_rank]
  Linear<Backend, Role::query_up> query_up;
  Linear<Backend, Role::kv_down> kv_down;
  const float* kv_norm = nullptr;  // [kv_rank]
  Linear<Backend, Role::key_up> key_up;
  Linear<Backend, Role::value_up> value_up;
};

/// A gated delta rule layer.
template <class Backend>
struct DeltaWeights {
  Linear<Backend, Role::delta_query> query;
  Linear<Backend, Role::delta_key> key;
  Linear<Backend, Role::delta_value> value;
  Linear<Backend, Role::delta_gate> gate;
  Linear<Backend, Role::delta_beta> beta;
  Linear<Backend, Role::delta_decay> decay;
  Linear<Backend, Role::delta_output> output;
  const float* taps = nullptr;        // [taps, channels] of queries, keys, values; the oldest position first
  const float* decay_log = nullptr;   // [delta_heads]: A_log
  const float* decay_bias = nullptr;  // [delta_heads]: dt_bias
  const float* norm = nullptr;        // [delta_value]
};

/// A short gated convolution.
template <class Backend>
struct ConvolutionWeights {
  Linear<Backend, Role::convolution_input> input;
  Linear<Backend, Role::convolution_output> output;
  const float* taps = nullptr;  // [taps, hidden], the oldest position first
  const float* bias = nullptr;  // [hidden], or none
};

/// A feed-forward, whose matrices have the given roles.
template <class Backend, Role Gate, Role Up, Role Down>
struct FeedForwardWeights {
  Linear<Backend, Gate> gate;  // not of FeedForward::plain
  Linear<Backend, Up> up;
  Linear<Backend, Down> down;
};

/// A mixture of experts.
template <class Backend>
struct MixtureWeights {
  using Expert = FeedForwardWeights<Backend, Role::expert_gate, Role::expert_up, Role::expert_down>;
  using Shared = FeedForwardWeights<Backend, Role::shared_gate, Role::shared_up, Role::shared_down>;

  Linear<Backend, Role::router> router;
  const float* correction = nullptr;  // [experts], with Router::sigmoid_biased
  std::vector<Expert> experts;
  Shared shared;                                       // where shared_width is not 0
  Linear<Backend, Role::shared_switch> shared_switch;  // or none
  bool has_switch = false;
};

/// One layer. Only what its mixer and its feed-forward name is bound.
template <class Backend>
struct LayerWeights {
  NormWeights input_norm;                                               // before the mixer
  NormWeights post_norm;                                                // before the feed-forward, except with Residual::parallel
  NormWeights mixer_norm, feed_forward_norm;                            // behind them, with Residual::sandwich
  HeadsWeights<Backend> heads;                                          // Mixer::attention, Attention::heads
  LatentWeights<Backend> latent;                                        // Mixer::attention, Attention::latent
  Linear<Backend, Role::output> output;                                 // of either attention
  DeltaWeights<Backend> delta;                                          // Mixer::delta
  ConvolutionWeights<Backend> convolution;                              // Mixer::convolution
  FeedForwardWeights<Backend, Role::gate, Role::up, Role::down> dense;  // where the layer is not sparse
  MixtureWeights<Backend> mixture;                                      // where it is
};

template <class Backend>
struct Weights {
  typename Backend::template matrix<Role::embedding> embedding;      // [vocabulary, hidden]
  typename Backend::template matrix<Role::positions> positions;      // with Config::learned_positions
  typename Backend::template matrix<Role::token_types> token_types;  // with Config::token_types
  std::vector<LayerWeights<Backend>> layers;
  NormWeights final_norm;
  Linear<Backend, Role::head> head;  // [vocabulary, hidden]; none in an encoder
  bool has_head = true;
};

}  // namespace ingot::model
