// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/latent.hpp>

#include <doctest/doctest.h>

#include "model/families/family_config.hpp"

using namespace ingot;
using namespace ingot::model;
using families::LatentDefaults;

namespace {
struct Plain {
  static constexpr std::string_view model_types[] = {"plain"};
  static constexpr LatentDefaults latent{.query_rank = 12, .kv_rank = 8, .nope = 6, .rope = 4, .value_dim = 0};
  static Result<Config> read(const json::Value& root) {
    INGOT_TRY(Config config, read_config(root, families::latent_dialect({}, latent)));
    INGOT_CHECK(families::read_latent(root, latent, config));
    return config;
  }
};
}  // namespace

TEST_CASE("extents of latent attention: absent, null, absurd") {
  const test::Members base = test::small_config("plain");
  const Config config = test::read_family<Plain>(base);
  CHECK(config.shape.head_dim == 10);
  CHECK(config.shape.rope_dim == 4);
  CHECK(config.shape.value_dim == 16);
  CHECK(config.shape.kv_heads == 4);
  CHECK(config.ropes[0].rotary == 4);
  CHECK(test::read_family<Plain>(base, {{"q_lora_rank", "null"}}).shape.query_rank == 0);
  for (const char* key : {"q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"})
    test::refuse<Plain>(base, key, {"0", "-1", "4294967295", "\"8\""});
  const std::string yarn = R"("type":"yarn","factor":4,"original_max_position_embeddings":64)";
  CHECK(test::read_family<Plain>(base, {{"rope_scaling", "{" + yarn + "}"}}).attention_scale == config.attention_scale);
  CHECK(test::read_family<Plain>(base, {{"rope_scaling", "{" + yarn + R"(,"mscale_all_dim":1})"}}).attention_scale >
        config.attention_scale);
  CHECK_FALSE(test::try_family<Plain>(base, {{"hidden_size", "2"}}));  // no width is left for a value
}
