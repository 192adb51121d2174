// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/glm.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Glm;
using families::Glm4;

static_assert(Glm::traits.rope == RopePairs::adjacent && Glm4::traits.residual == Residual::sandwich);

TEST_CASE("GLM-4: half of a head turns; what its class assumes") {
  const Members base = small_config("glm", {{"head_dim", "16"}});
  const Config config = read_family<Glm>(base, {{"partial_rotary_factor", "0.25"}, {"rms_norm_eps", "1e-2"}});
  CHECK(config.ropes[0].rotary == 4);
  CHECK(config.norm_eps == 1e-2f);
  const Config silent = read_family<Glm>(base, {{"head_dim", ""}, {"num_key_value_heads", ""}, {"eos_token_id", ""}});
  CHECK(silent.shape.head_dim == 128);
  CHECK(silent.shape.kv_heads == 2);
  CHECK(silent.ropes[0].rotary == 64);
  CHECK(silent.norm_eps == 1.5625e-7f);
  CHECK(silent.eos == std::vector<std::int32_t>{151329, 151336, 151338});
  refuse<Glm>(base, "partial_rotary_factor", {"0", "1.5", "-1", "\"half\""});
  CHECK_FALSE(try_family<Glm>(base, {{"partial_rotary_factor", "0.2"}}));  // 3 dimensions

  std::vector<Tensor> tensors = with_ends({{"model.layers.#.input_layernorm.weight", {64}},
                                           {"model.layers.#.post_attention_layernorm.weight", {64}},
                                           {"model.layers.#.self_attn.q_proj.weight", {64, 64}},
                                           {"model.layers.#.self_attn.k_proj.weight", {32, 64}},
                                           {"model.layers.#.self_attn.v_proj.weight", {32, 64}},
                                           {"model.layers.#.self_attn.o_proj.weight", {64, 64}},
                                           {"model.layers.#.mlp.gate_up_proj.weight", {192, 64}},
                                           {"model.layers.#.mlp.down_proj.weight", {64, 96}}});
  const auto index = check_names<Glm>(config, tensors);
  CHECK(index.find("model.layers.0.mlp.up_proj.weight")->selection(0) == 96);
  tensors.insert(tensors.end(),
                 {{"model.layers.#.post_self_attn_layernorm.weight", {64}}, {"model.layers.#.post_mlp_layernorm.weight", {64}}});
  check_names<Glm4>(read_family<Glm4>(small_config("glm4", {{"head_dim", "16"}})), tensors);
}
