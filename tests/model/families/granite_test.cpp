// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/granite.hpp>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Granite;

TEST_CASE("Granite's multipliers; logits are divided") {
  const Members base = small_config("granite");
  const Config config = read_family<Granite>(
      base,
      {{"embedding_multiplier", "12"}, {"residual_multiplier", "0.22"}, {"attention_multiplier", "0.015625"}, {"logits_scaling", "8.0"}});
  CHECK(config.embedding_scale == 12);
  CHECK(config.residual_scale == 0.22f);
  CHECK(config.attention_scale == 0.015625f);
  CHECK(config.logit_scale == 0.125f);
  CHECK(read_family<Granite>(base).attention_scale == 1);  // its class does not divide by sqrt(head_dim)
  refuse<Granite>(base, "logits_scaling", {"0", "-8", "\"8\""});
  refuse<Granite>(base, "attention_multiplier", {"0", "1e60"});
  check_names<Granite>(config, with_ends(llama_layers()));
}
