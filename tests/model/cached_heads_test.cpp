// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/cached_heads.hpp>

#include <cstdint>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

Config config_of(const Shape& shape) {
  Config config;
  config.shape = shape;
  config.layers.resize(shape.layers);
  return config;
}

}  // namespace

TEST_CASE("attention keeps its own heads; values may be narrower") {
  Config config = config_of({.hidden = 64, .layers = 2, .heads = 6, .kv_heads = 2, .head_dim = 24, .value_dim = 16});
  config.layers[1].window = 30;
  const CachedHeads heads = cached_heads(config, 0);
  CHECK(heads.kv_heads == 2);
  CHECK(heads.group == 3);
  CHECK(heads.tasks() == 2);
  const auto kv = kv_shape(config, quant::bf16);
  REQUIRE(kv);
  CHECK(kv->head.key == 24);
  CHECK(kv->head.value == 16);
  CHECK(kv->scheme == quant::bf16);
  REQUIRE(kv->layers.size() == 2);
  CHECK(kv->layers[0].window == 0);
  CHECK(kv->layers[1].window == 30);
}

TEST_CASE("latent attention keeps one row for all heads, whose queries are cut into parts that divide them") {
  const Shape shape{.hidden = 64, .layers = 1, .heads = 40, .kv_heads = 40, .head_dim = 24, .value_dim = 16, .kv_rank = 32, .rope_dim = 8};
  const Config config = config_of(shape);
  const CachedHeads heads = cached_heads(config, 0);
  CHECK(heads.kv_heads == 1);
  CHECK(heads.group == 10);
  CHECK(heads.parts == 4);
  const auto kv = kv_shape(config, quant::f32);
  REQUIRE(kv);
  CHECK(kv->head.key == 40);
  CHECK(kv->head.value == 32);
  CHECK(kv->layers[0].kv_heads == 1);
}

TEST_CASE("chunks bound what is kept, other mixers keep states, and layers must agree in their heads") {
  Config config = config_of({.hidden = 64, .layers = 3, .heads = 4, .kv_heads = 2, .head_dim = 16, .taps = 3});
  config.layers[0].chunk = 8;
  config.layers[2].mixer = Mixer::convolution;
  const auto kv = kv_shape(config, quant::f32);
  REQUIRE(kv);
  CHECK(kv->layers[0].window == 8);
  CHECK(kv->layers[2].kv_heads == 0);
  CHECK(kv->layers[2].state == 64 * 2);
  CHECK(cached_heads(config, 2).tasks() == 0);

  config.extents.assign(3, config.shape);
  config.extents[1].head_dim = 32;
  REQUIRE_FALSE(kv_shape(config, quant::f32));
  CHECK(kv_shape(config, quant::f32).error().message().find("layer 1") != std::string::npos);
}
