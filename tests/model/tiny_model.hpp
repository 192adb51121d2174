// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/tiny_model.hpp: seeded checkpoints of any shape, and their logits computed plainly in double precision.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/checkpoint/safetensors_writer.hpp>
#include <ingot/model/config.hpp>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

namespace ingot::test {

struct TinyTensor {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};
using TinyTensors = std::map<std::string, TinyTensor>;

/// A small random model. `more` is JSON, members with a leading comma, that go to the end of config.json.
struct TinyModel {
  std::string model_type = "llama";
  model::Shape shape{.hidden = 64, .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 16, .intermediate = 88, .vocabulary = 131};
  bool tied = false, bias = false, norms = false;  // norms: of query and key heads
  std::string more = {};
  std::uint32_t seed = 1;

  [[nodiscard]] std::string config_json() const {
    const auto member = [](const char* key, std::uint32_t value) { return ",\"" + std::string{key} + "\":" + std::to_string(value); };
    return "{\"model_type\":\"" + model_type + "\"" + member("hidden_size", shape.hidden) + member("num_hidden_layers", shape.layers) +
           member("num_attention_heads", shape.heads) + member("num_key_value_heads", shape.kv_heads) + member("head_dim", shape.head_dim) +
           member("intermediate_size", shape.intermediate) + member("vocab_size", shape.vocabulary) +
           member("max_position_embeddings", 512) +
           ",\"rms_norm_eps\":1e-5,\"eos_token_id\":2,\"tie_word_embeddings\":" + (tied ? "true" : "false") + more + "}";
  }

  [[nodiscard]] TinyTensors tensors() const {
    std::mt19937 engine{seed};
    std::normal_distribution<float> normal{0.0f, 1.0f};
    TinyTensors all;
    const auto matrix = [&](const std::string& name, std::size_t rows, std::size_t columns, double gain) {
      TinyTensor tensor{{rows, columns}, std::vector<float>(rows * columns)};
      for (float& x : tensor.values) x = normal(engine) * static_cast<float>(gain / std::sqrt(static_cast<double>(columns)));
      all[name] = std::move(tensor);
    };
    const auto vector = [&](const std::string& name, std::size_t size, float mean, float spread) {
      TinyTensor tensor{{size}, std::vector<float>(size)};
      for (float& x : tensor.values) x = mean + spread * normal(engine);
      all[name] = std::move(tensor);
    };
    matrix("model.embed_tokens.weight", shape.vocabulary, shape.hidden, tied ? 1.5 : 4);
    for (std::uint32_t i = 0; i < shape.layers; ++i) {
      const std::string layer = "model.layers." + std::to_string(i) + ".";
      const auto projection = [&](const char* name, std::size_t rows) {
        matrix(layer + "self_attn." + name + ".weight", rows, shape.hidden, 1.6);
        if (bias) vector(layer + "self_attn." + name + ".bias", rows, 0, 0.4f);
      };
      projection("q_proj", shape.q_width());
      projection("k_proj", shape.k_width());
      projection("v_proj", shape.k_width());
      matrix(layer + "self_attn.o_proj.weight", shape.hidden, shape.q_width(), 1.2);
      if (norms)
        vector(layer + "self_attn.q_norm.weight", shape.head_dim, 1.2f, 0.2f),
            vector(layer + "self_attn.k_norm.weight", shape.head_dim, 1.2f, 0.2f);
      matrix(layer + "mlp.gate_proj.weight", shape.intermediate, shape.hidden, 1.2);
      matrix(layer + "mlp.up_proj.weight", shape.intermediate, shape.hidden, 1.2);
      matrix(layer + "mlp.down_proj.weight", shape.hidden, shape.intermediate, 1.2);
      vector(layer + "input_layernorm.weight", shape.hidden, 1, 0.2f);
      vector(layer + "post_attention_layernorm.weight", shape.hidden, 1, 0.2f);
    }
    vector("model.norm.weight", shape.hidden, 1, 0.2f);
    if (!tied) matrix("lm_head.weight", shape.vocabulary, shape.hidden, 2);
    return all;
  }
};

/// Writes config.json and model.safetensors (float32) to `directory` and returns it.
inline std::filesystem::path write_checkpoint(const std::filesystem::path& directory, const std::string& config_json,
                                              const TinyTensors& tensors) {
  std::filesystem::create_directories(directory);
  std::ofstream{directory / "config.json", std::ios::binary} << config_json;
  std::vector<checkpoint::TensorDeclaration> declarations;
  for (const auto& [name, tensor] : tensors) declarations.push_back({name, checkpoint::ElementType::f32, tensor.shape});
  auto writer = checkpoint::SafetensorsWriter::create(directory / "model.safetensors", declarations, {});
  REQUIRE(writer);
  std::size_t i = 0;
  for (const auto& [name, tensor] : tensors) REQUIRE(writer->write(i++, std::as_bytes(std::span{tensor.values})));
  REQUIRE(writer->finish());
  return directory;
}
inline std::filesystem::path write_checkpoint(const std::filesystem::path& directory, const TinyModel& tiny) {
  return write_checkpoint(directory, tiny.config_json(), tiny.tensors());
}

inline std::vector<std::int32_t> random_tokens(std::size_t count, std::uint32_t vocabulary, std::uint32_t seed = 7) {
  std::mt19937 engine{seed};
  std::vector<std::int32_t> tokens(count);
  for (std::int32_t& token : tokens) token = static_cast<std::int32_t>(engine() % vocabulary);
  return tokens;
}

/// What a sparse layer adds to a row, given the row's norm.
using PlainFeedForward = std::function<std::vector<double>(std::uint32_t layer, const std::vector<double>& n)>;

/// The logits of all positions, by the textbook formulas: one position after the other, every sum in double. Rope without scaling.
inline std::vector<float> plain_logits(const model::Config& config, const TinyTensors& tensors, std::span<const std::int32_t> tokens,
                                       const PlainFeedForward& feed_forward = {}) {
  using Vector = std::vector<double>;
  const model::Shape& s = config.shape;
  const auto product = [&](const std::string& name, const Vector& x) {
    const TinyTensor& w = tensors.at(name + ".weight");
    REQUIRE(w.shape[1] == x.size());
    Vector y(w.shape[0]);
    for (std::size_t r = 0; r < y.size(); ++r)
      for (std::size_t c = 0; c < x.size(); ++c) y[r] += static_cast<double>(w.values[r * x.size() + c]) * x[c];
    if (const auto bias = tensors.find(name + ".bias"); bias != tensors.end())
      for (std::size_t r = 0; r < y.size(); ++r) y[r] += static_cast<double>(bias->second.values[r]);
    return y;
  };
  const auto normalize = [&](const std::string& name, double* x, std::size_t n) {
    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) squares += x[i] * x[i];
    const double factor = 1 / std::sqrt(squares / static_cast<double>(n) + static_cast<double>(config.norm_eps));
    for (std::size_t i = 0; i < n; ++i) x[i] *= factor * static_cast<double>(tensors.at(name + ".weight").values[i]);
  };
  const auto add = [](Vector& x, const Vector& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  };
  const auto turn = [&](double* head, std::size_t position) {
    const std::size_t half = config.ropes[0].rotary / 2;
    for (std::size_t i = 0; i < half; ++i) {
      const double angle =
          static_cast<double>(position) / std::pow(config.ropes[0].theta, static_cast<double>(i) / static_cast<double>(half));
      const double a = head[i], b = head[i + half];
      head[i] = a * std::cos(angle) - b * std::sin(angle);
      head[i + half] = b * std::cos(angle) + a * std::sin(angle);
    }
  };

  std::vector<float> logits;
  std::vector<std::vector<Vector>> keys(s.layers), values(s.layers);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const float* row = tensors.at("model.embed_tokens.weight").values.data() + static_cast<std::size_t>(tokens[t]) * s.hidden;
    Vector x(row, row + s.hidden);
    for (std::uint32_t i = 0; i < s.layers; ++i) {
      const std::string layer = "model.layers." + std::to_string(i) + ".", attention = layer + "self_attn.";
      Vector n = x;
      normalize(layer + "input_layernorm", n.data(), n.size());
      Vector q = product(attention + "q_proj", n), k = product(attention + "k_proj", n);
      const auto prepare = [&](Vector& heads, const char* norm) {
        for (std::size_t h = 0; h < heads.size(); h += s.head_dim) {
          if (tensors.contains(attention + norm + ".weight")) normalize(attention + norm, heads.data() + h, s.head_dim);
          turn(heads.data() + h, t);
        }
      };
      prepare(q, "q_norm");
      prepare(k, "k_norm");
      keys[i].push_back(k);
      values[i].push_back(product(attention + "v_proj", n));
      Vector context(s.q_width());
      const std::size_t first = config.layers[i].window != 0 && t + 1 > config.layers[i].window ? t + 1 - config.layers[i].window : 0;
      for (std::size_t h = 0; h < s.heads; ++h) {
        const std::size_t shared = h / s.group() * s.head_dim;
        Vector weights;
        double total = 0;
        for (std::size_t p = first; p <= t; ++p) {
          double dot = 0;
          for (std::size_t d = 0; d < s.head_dim; ++d) dot += q[h * s.head_dim + d] * keys[i][p][shared + d];
          weights.push_back(std::exp(dot / std::sqrt(static_cast<double>(s.head_dim))));
          total += weights.back();
        }
        for (std::size_t p = first; p <= t; ++p)
          for (std::size_t d = 0; d < s.head_dim; ++d) context[h * s.head_dim + d] += weights[p - first] / total * values[i][p][shared + d];
      }
      add(x, product(attention + "o_proj", context));
      n = x;
      normalize(layer + "post_attention_layernorm", n.data(), n.size());
      if (feed_forward && config.layers[i].sparse) {
        add(x, feed_forward(i, n));
        continue;
      }
      Vector gate = product(layer + "mlp.gate_proj", n);
      const Vector up = product(layer + "mlp.up_proj", n);
      for (std::size_t j = 0; j < gate.size(); ++j) gate[j] = gate[j] / (1 + std::exp(-gate[j])) * up[j];
      add(x, product(layer + "mlp.down_proj", gate));
    }
    normalize("model.norm", x.data(), x.size());
    for (const double y : product(tensors.contains("lm_head.weight") ? "lm_head" : "model.embed_tokens", x))
      logits.push_back(static_cast<float>(y));
  }
  return logits;
}

}  // namespace ingot::test
