// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/delta_layer.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "model/mixer_model.hpp"

using namespace ingot;
using namespace ingot::test;

namespace {

MixerModel delta_model(const model::Shape& shape) {
  MixerModel made{shape, model::Mixer::delta};
  const std::size_t keys = shape.delta_key_heads * shape.delta_key, values = shape.delta_heads * shape.delta_value;
  for (std::uint32_t i = 0; i < shape.layers; ++i) {
    const std::string prefix = MixerModel::layer(i) + "linear_attn.";
    made.matrix(prefix + "in_proj_q.weight", keys, shape.hidden);
    made.matrix(prefix + "in_proj_k.weight", keys, shape.hidden);
    made.matrix(prefix + "in_proj_v.weight", values, shape.hidden);
    made.matrix(prefix + "in_proj_z.weight", values, shape.hidden);
    made.matrix(prefix + "in_proj_b.weight", shape.delta_heads, shape.hidden);
    made.matrix(prefix + "in_proj_a.weight", shape.delta_heads, shape.hidden);
    made.matrix(prefix + "conv1d.weight", shape.taps, shape.delta_channels());
    made.vector(prefix + "A_log", shape.delta_heads, 0);
    made.vector(prefix + "dt_bias", shape.delta_heads, -2);
    made.vector(prefix + "norm.weight", shape.delta_value, 1);
    made.matrix(prefix + "out_proj.weight", shape.hidden, values);
    for (float& tap : made.tensors[prefix + "conv1d.weight"].values) tap *= 5;
  }
  return made;
}

double silu(double x) { return x / (1 + std::exp(-x)); }

/// arXiv 2412.06464, with Qwen3-Next's convolution, gates and norm.
std::vector<Vector> plain_delta(const MixerModel& made, const std::string& layer, const std::vector<Vector>& rows) {
  const model::Shape& s = made.config.shape;
  const std::string prefix = layer + "linear_attn.";
  const std::size_t key = s.delta_key, value = s.delta_value, keys = s.delta_key_heads * key, group = s.delta_heads / s.delta_key_heads;
  std::vector<Vector> mixed, out;
  for (const Vector& n : rows) {
    Vector x = made.product(prefix + "in_proj_q", n);
    for (const char* name : {"in_proj_k", "in_proj_v"})
      for (const double y : made.product(prefix + name, n)) x.push_back(y);
    mixed.push_back(x);
  }
  std::vector<Vector> state(s.delta_heads, Vector(key * value));
  for (std::size_t t = 0; t < rows.size(); ++t) {
    Vector x(mixed[t].size());
    for (std::size_t c = 0; c < x.size(); ++c) x[c] = silu(plain_convolution(made.tensors.at(prefix + "conv1d.weight"), mixed, t, c));
    const Vector z = made.product(prefix + "in_proj_z", rows[t]), a = made.product(prefix + "in_proj_a", rows[t]);
    const Vector b = made.product(prefix + "in_proj_b", rows[t]);
    Vector context(s.delta_heads * value);
    for (std::size_t h = 0; h < s.delta_heads; ++h) {
      const double *q = &x[h / group * key], *k = q + keys, *v = &x[2 * keys + h * value];
      double q_square = 1e-6, k_square = 1e-6;
      for (std::size_t i = 0; i < key; ++i) q_square += q[i] * q[i], k_square += k[i] * k[i];
      const double rate = std::exp(static_cast<double>(made.tensors.at(prefix + "A_log").values[h]));
      const double step = std::log1p(std::exp(a[h] + static_cast<double>(made.tensors.at(prefix + "dt_bias").values[h])));
      double* const o = &context[h * value];
      for (std::size_t j = 0; j < value; ++j) {
        double memory = 0;
        for (std::size_t i = 0; i < key; ++i) memory += (state[h][i * value + j] *= std::exp(-rate * step)) * k[i] / std::sqrt(k_square);
        const double u = (v[j] - memory) / (1 + std::exp(-b[h]));
        for (std::size_t i = 0; i < key; ++i)
          o[j] += (state[h][i * value + j] += k[i] / std::sqrt(k_square) * u) * q[i] / std::sqrt(q_square * static_cast<double>(key));
      }
      made.normalize(prefix + "norm", o, value);
      for (std::size_t j = 0; j < value; ++j) o[j] *= silu(z[h * value + j]);
    }
    out.push_back(made.product(prefix + "out_proj", context));
  }
  return out;
}

void check(const model::Shape& shape) {
  const MixerModel made = delta_model(shape);
  check_mixer<model::Family{.delta = true}>(
      made, [&](const std::string& layer, const std::vector<Vector>& rows) { return plain_delta(made, layer, rows); });
}

}  // namespace

TEST_CASE("a gated delta rule, as defined and however it is cut") {
  model::Shape shape{.hidden = 64, .layers = 2, .heads = 1, .kv_heads = 1, .head_dim = 16, .intermediate = 32, .vocabulary = 40};
  shape.delta_key_heads = 2, shape.delta_heads = 4, shape.delta_key = 16, shape.delta_value = 16, shape.taps = 4;
  check(shape);
}

TEST_CASE("heads of other widths than a register, one key head for each value head, three taps") {
  model::Shape shape{.hidden = 37, .layers = 1, .heads = 1, .kv_heads = 1, .head_dim = 16, .intermediate = 19, .vocabulary = 17};
  shape.delta_key_heads = 3, shape.delta_heads = 3, shape.delta_key = 10, shape.delta_value = 21, shape.taps = 3;
  check(shape);
}
