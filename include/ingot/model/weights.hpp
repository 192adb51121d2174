// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/weights.hpp: the weights of a decoder by role, and their binding to names in a package or checkpoint.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/family.hpp>
#include <ingot/quant/pack.hpp>

namespace ingot::model {

/// What a matrix is for. An exact-shape model has a type for each.
enum class Role : std::uint8_t { embedding, query, key, value, output, gate, up, down, head };

/// Rows and columns that `role` has in a model of `shape`.
[[nodiscard]] constexpr std::pair<std::uint32_t, std::uint32_t> extents(Role role, const Shape& shape) noexcept {
  switch (role) {
    case Role::query:
      return {shape.q_width(), shape.hidden};
    case Role::key:
    case Role::value:
      return {shape.kv_width(), shape.hidden};
    case Role::output:
      return {shape.hidden, shape.q_width()};
    case Role::gate:
    case Role::up:
      return {shape.intermediate, shape.hidden};
    case Role::down:
      return {shape.hidden, shape.intermediate};
    case Role::embedding:
    case Role::head:
      break;
  }
  return {shape.vocabulary, shape.hidden};
}

/// Where weights come from, by their Hugging Face names. What it returns stays valid while the source lives.
class WeightSource {
 public:
  virtual ~WeightSource() = default;
  [[nodiscard]] virtual bool has(std::string_view name) const = 0;
  /// The matrix [rows, columns]. Errors: not there (damaged), another shape (damaged), a type we cannot read (unsupported).
  virtual Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) = 0;
  /// `size` floats.
  virtual Result<const float*> vector(std::string_view name, std::uint32_t size) = 0;
};

/// y = W x + b
template <class Matrix>
struct Linear {
  Matrix matrix;
  const float* bias = nullptr;  // [rows]; absent in most models
};

template <class Backend>
struct LayerWeights {
  template <Role R>
  using linear = Linear<typename Backend::template matrix<R>>;

  const float* input_norm = nullptr;  // [hidden]
  linear<Role::query> query;          // [heads * head_dim, hidden]
  linear<Role::key> key;              // [kv_heads * head_dim, hidden]
  linear<Role::value> value;          // [kv_heads * head_dim, hidden]
  linear<Role::output> output;        // [hidden, heads * head_dim]
  const float* query_norm = nullptr;  // [head_dim], with QkNorm
  const float* key_norm = nullptr;    // [head_dim], with QkNorm
  const float* post_norm = nullptr;   // [hidden]
  linear<Role::gate> gate;            // [intermediate, hidden]
  linear<Role::up> up;                // [intermediate, hidden]
  linear<Role::down> down;            // [hidden, intermediate]
};

template <class Backend>
struct Weights {
  typename Backend::template matrix<Role::embedding> embedding;  // [vocabulary, hidden]
  std::vector<LayerWeights<Backend>> layers;
  const float* final_norm = nullptr;                           // [hidden]
  Linear<typename Backend::template matrix<Role::head>> head;  // [vocabulary, hidden]
};

/// What a step must read and multiply at least.
struct Cost {
  std::uint64_t weight_bytes = 0;  ///< of all matrices with their scales, the head included, the embedding rows not
  std::uint64_t layer_macs = 0;    ///< multiply-adds of the layers' matrices for one row
  std::uint64_t head_macs = 0;     ///< of the head for one row
};

template <class Backend>
[[nodiscard]] Cost cost_of(const Weights<Backend>& weights) noexcept {
  Cost cost;
  const auto count = [&](const auto& linear, std::uint64_t& macs) {
    const quant::PackedLayout& layout = linear.matrix.layout;
    cost.weight_bytes += layout.quant_bytes() + layout.scale_bytes();
    macs += std::uint64_t{layout.rows} * layout.columns;
  };
  for (const LayerWeights<Backend>& w : weights.layers) {
    count(w.query, cost.layer_macs);
    count(w.key, cost.layer_macs);
    count(w.value, cost.layer_macs);
    count(w.output, cost.layer_macs);
    count(w.gate, cost.layer_macs);
    count(w.up, cost.layer_macs);
    count(w.down, cost.layer_macs);
  }
  count(weights.head, cost.head_macs);
  return cost;
}

/// Fetches one matrix from the source and hands it to the backend, which refuses schemes (or extents) it has no kernels for.
template <Role R, class Backend>
Result<typename Backend::template matrix<R>> bind_matrix(const Backend& backend, WeightSource& source, const std::string& name) {
  const auto [rows, columns] = extents(R, backend.shape);
  INGOT_TRY(const auto view, source.matrix(name, R, rows, columns));
  auto matrix = backend.template bind<R>(view);
  if (!matrix) return std::move(matrix).error().in(name);
  return matrix;
}

template <Role R, class Backend>
Status bind_linear(const Backend& backend, WeightSource& source, const std::string& name,
                   Linear<typename Backend::template matrix<R>>& linear) {
  INGOT_TRY(linear.matrix, bind_matrix<R>(backend, source, name + ".weight"));
  if (source.has(name + ".bias")) {
    INGOT_TRY(linear.bias, source.vector(name + ".bias", extents(R, backend.shape).first));
  }
  return {};
}

/// All weights of a decoder of family F. A head that is not there is the embedding (tied), whatever the config says.
template <Family F, class Backend>
Result<Weights<Backend>> bind_weights(const Backend& backend, WeightSource& source) {
  const Shape& shape = backend.shape;
  Weights<Backend> weights;
  const bool tied = !source.has("lm_head.weight");
  const std::string embedding = source.has("model.embed_tokens.weight") ? "model.embed_tokens.weight" : "lm_head.weight";
  INGOT_TRY(weights.embedding, bind_matrix<Role::embedding>(backend, source, embedding));
  INGOT_CHECK(bind_linear<Role::head>(backend, source, tied ? "model.embed_tokens" : "lm_head", weights.head));
  INGOT_TRY(weights.final_norm, source.vector("model.norm.weight", shape.hidden));
  weights.layers.resize(shape.layers);
  for (std::uint32_t i = 0; i < shape.layers; ++i) {
    LayerWeights<Backend>& layer = weights.layers[i];
    const std::string prefix = "model.layers." + std::to_string(i) + ".";
    const std::string attention = prefix + "self_attn.", mlp = prefix + "mlp.";
    INGOT_TRY(layer.input_norm, source.vector(prefix + "input_layernorm.weight", shape.hidden));
    INGOT_CHECK(bind_linear<Role::query>(backend, source, attention + "q_proj", layer.query));
    INGOT_CHECK(bind_linear<Role::key>(backend, source, attention + "k_proj", layer.key));
    INGOT_CHECK(bind_linear<Role::value>(backend, source, attention + "v_proj", layer.value));
    INGOT_CHECK(bind_linear<Role::output>(backend, source, attention + "o_proj", layer.output));
    if constexpr (F.qk_norm != QkNorm::none) {
      INGOT_TRY(layer.query_norm, source.vector(attention + "q_norm.weight", shape.head_dim));
      INGOT_TRY(layer.key_norm, source.vector(attention + "k_norm.weight", shape.head_dim));
    }
    INGOT_TRY(layer.post_norm, source.vector(prefix + "post_attention_layernorm.weight", shape.hidden));
    INGOT_CHECK(bind_linear<Role::gate>(backend, source, mlp + "gate_proj", layer.gate));
    INGOT_CHECK(bind_linear<Role::up>(backend, source, mlp + "up_proj", layer.up));
    INGOT_CHECK(bind_linear<Role::down>(backend, source, mlp + "down_proj", layer.down));
  }
  return weights;
}

}  // namespace ingot::model
