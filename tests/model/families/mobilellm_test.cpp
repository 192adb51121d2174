// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/mobilellm.hpp>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Mobilellm;

TEST_CASE("shared blocks are two layers each") {
  const Members base = small_config("mobilellm", {{"share_embedding", "true"}});
  const Config once = read_family<Mobilellm>(base), twice = read_family<Mobilellm>(base, {{"layer_sharing", "true"}});
  CHECK(once.shape.layers == 2);
  CHECK(once.tied);
  CHECK(twice.shape.layers == 4);
  CHECK(twice.repeats == 2);
  const auto index = check_names<Mobilellm>(twice, with_ends(llama_layers()));
  CHECK(index.find("model.layers.2.mlp.up_proj.weight") == nullptr);
  CHECK(index.find("lm_head.weight") == nullptr);  // the code takes the embedding, whatever else is there
  check_names<Mobilellm>(read_family<Mobilellm>(base, {{"share_embedding", "false"}}), with_ends(llama_layers()));
  refuse<Mobilellm>(base, "layer_sharing", {"2", "\"yes\""});
}
