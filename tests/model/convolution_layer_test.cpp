// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/convolution_layer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "model/mixer_model.hpp"

using namespace ingot;
using namespace ingot::test;

namespace {

MixerModel convolution_model(const model::Shape& shape, bool biases) {
  MixerModel made{shape, model::Mixer::convolution};
  for (std::uint32_t i = 0; i < shape.layers; ++i) {
    const std::string prefix = MixerModel::layer(i) + "conv.";
    made.matrix(prefix + "in_proj.weight", 3 * shape.hidden, shape.hidden);
    made.matrix(prefix + "conv.weight", shape.taps, shape.hidden);
    made.matrix(prefix + "out_proj.weight", shape.hidden, shape.hidden);
    for (float& tap : made.tensors[prefix + "conv.weight"].values) tap *= 5;
    if (!biases) continue;
    made.vector(prefix + "in_proj.bias", 3 * shape.hidden, 0);
    made.vector(prefix + "conv.bias", shape.hidden, 0);
    made.vector(prefix + "out_proj.bias", shape.hidden, 0);
  }
  return made;
}

std::vector<Vector> plain_mix(const MixerModel& made, const std::string& layer, const std::vector<Vector>& rows) {
  const std::size_t hidden = made.config.shape.hidden;
  const std::string prefix = layer + "conv.";
  std::vector<Vector> projected, gated, out;
  for (const Vector& n : rows) {
    projected.push_back(made.product(prefix + "in_proj", n));
    Vector bx(hidden);
    for (std::size_t c = 0; c < hidden; ++c) bx[c] = projected.back()[c] * projected.back()[2 * hidden + c];
    gated.push_back(bx);
  }
  const auto bias = made.tensors.find(prefix + "conv.bias");
  for (std::size_t t = 0; t < rows.size(); ++t) {
    Vector y(hidden);
    for (std::size_t c = 0; c < hidden; ++c) {
      y[c] = plain_convolution(made.tensors.at(prefix + "conv.weight"), gated, t, c);
      if (bias != made.tensors.end()) y[c] += static_cast<double>(bias->second.values[c]);
      y[c] *= projected[t][hidden + c];
    }
    out.push_back(made.product(prefix + "out_proj", y));
  }
  return out;
}

void check(const model::Shape& shape, bool biases) {
  const MixerModel made = convolution_model(shape, biases);
  check_mixer<model::Family{.convolution = true}>(
      made, [&](const std::string& layer, const std::vector<Vector>& rows) { return plain_mix(made, layer, rows); });
}

}  // namespace

TEST_CASE("a short gated convolution, as defined and however it is cut") {
  model::Shape shape{.hidden = 64, .layers = 2, .heads = 1, .kv_heads = 1, .head_dim = 16, .intermediate = 32, .vocabulary = 40};
  shape.taps = 3;
  check(shape, false);
}

TEST_CASE("channels that are no multiple of a panel, biases, another number of taps") {
  model::Shape shape{.hidden = 37, .layers = 2, .heads = 1, .kv_heads = 1, .head_dim = 16, .intermediate = 19, .vocabulary = 17};
  shape.taps = 5;
  check(shape, true);
}
