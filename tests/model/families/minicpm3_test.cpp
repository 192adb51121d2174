// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/minicpm3.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Minicpm3;

static_assert(Minicpm3::traits.rope == RopePairs::halves && Minicpm3::traits.attention == Attention::latent);

TEST_CASE("MiniCPM3: latent attention, scales, and what its class assumes") {
  const Members base = small_config("minicpm3", {{"num_key_value_heads", "4"}});
  const Config config = read_family<Minicpm3>(
      base,
      {{"q_lora_rank", "48"}, {"kv_lora_rank", "32"}, {"qk_nope_head_dim", "16"}, {"qk_rope_head_dim", "8"}, {"dim_model_base", "32"}});
  CHECK(config.shape.head_dim == 24);
  CHECK(config.shape.rope_dim == 8);
  CHECK(config.shape.value_dim == 16);  // hidden / heads
  CHECK(config.shape.query_rank == 48);
  CHECK(config.ropes[0].rotary == 8);
  CHECK(config.attention_scale == doctest::Approx(1 / std::sqrt(24.0)));
  CHECK(config.embedding_scale == 12);
  CHECK(config.logit_scale == 0.5f);
  const Config silent = read_family<Minicpm3>(base);
  CHECK(silent.shape.head_dim == 96);
  CHECK(silent.shape.kv_rank == 256);
  CHECK(silent.shape.query_rank == 768);
  CHECK(silent.logit_scale == 4);
  CHECK(silent.tied);
}
