// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/names.hpp>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Arrangement;

namespace {
template <Arrangement& (*Step)(Arrangement&)>
struct Named {
  static ingot::Status arrange(const Config&, Arrangement& names) {
    Step(names);
    return {};
  }
};
}  // namespace

TEST_CASE("prefixes go, and what is no part of the language model keeps its name") {
  Config config;
  config.shape.layers = 1;
  const auto index = arranged<Named<families::plain_names>>(config, {{"language_model.model.layers.#.mlp.up_proj.weight", {2, 2}},
                                                                     {"language_model.lm_head.weight", {2, 2}},
                                                                     {"vision_tower.layers.#.mlp.up_proj.weight", {2, 2}},
                                                                     {"layers.#.mlp.down_proj.weight", {2, 2}},
                                                                     {"norm.weight", {2}}});
  REQUIRE(index);
  for (const char* name : {"model.layers.0.mlp.up_proj.weight", "lm_head.weight", "vision_tower.layers.0.mlp.up_proj.weight",
                           "model.layers.0.mlp.down_proj.weight", "model.norm.weight"})
    CHECK(index->find(name) != nullptr);
  CHECK_FALSE(arranged<Named<families::plain_names>>(config, {{"norm.weight", {2}}, {"model.norm.weight", {2}}}));
}

TEST_CASE("Gemma's four norms take the places of ours without meeting each other") {
  Config config;
  config.shape.layers = 1;
  const auto index = arranged<Named<families::sandwich_names>>(config, {{"model.layers.#.post_attention_layernorm.weight", {2}},
                                                                        {"model.layers.#.pre_feedforward_layernorm.weight", {3}},
                                                                        {"model.layers.#.post_feedforward_layernorm.weight", {4}}});
  REQUIRE(index);
  CHECK(index->find("model.layers.0.post_self_attn_layernorm.weight")->shape == Extents{2});
  CHECK(index->find("model.layers.0.post_attention_layernorm.weight")->shape == Extents{3});
  CHECK(index->find("model.layers.0.post_mlp_layernorm.weight")->shape == Extents{4});
}
