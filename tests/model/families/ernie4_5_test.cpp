// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/ernie4_5.hpp>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Ernie45;

static_assert(Ernie45::traits == Family{.rope = RopePairs::adjacent});

TEST_CASE("what ERNIE's class assumes") {
  const Members base = small_config("ernie4_5");
  const Config config = read_family<Ernie45>(base, {{"head_dim", "32"}, {"rope_theta", "30000.0"}});
  CHECK(config.shape.q_width() == 128);
  CHECK(config.ropes[0].theta == 30000);
  const Config silent = read_family<Ernie45>(base, {{"num_key_value_heads", ""}, {"max_position_embeddings", ""}});
  CHECK(silent.shape.head_dim == 128);
  CHECK(silent.shape.kv_heads == 2);
  CHECK(silent.ropes[0].theta == 500000);
  CHECK(silent.norm_eps == 1e-5f);
  CHECK(silent.max_positions == 131072);
  CHECK(silent.tied);
  check_names<Ernie45>(read_family<Ernie45>(base, {{"head_dim", "16"}}), with_ends(llama_layers()));
}
