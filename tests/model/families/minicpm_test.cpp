// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/minicpm.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Minicpm;

TEST_CASE("MiniCPM's scales") {
  const Members base = small_config("minicpm");
  const Config config = read_family<Minicpm>(base, {{"scale_emb", "12"}, {"scale_depth", "1.4"}, {"dim_model_base", "32"}});
  CHECK(config.embedding_scale == 12);
  CHECK(config.residual_scale == doctest::Approx(1.4 / std::sqrt(2)));
  CHECK(config.logit_scale == 0.5f);
  CHECK(config.tied);
  const Config silent = read_family<Minicpm>(base);
  CHECK(silent.embedding_scale == 1);
  CHECK(silent.residual_scale == doctest::Approx(1 / std::sqrt(2)));
  CHECK(silent.logit_scale == 1 / 64.0f);
  const Config none = read_family<Minicpm>(base, {{"scale_depth", "null"}, {"dim_model_base", "null"}});
  CHECK(none.residual_scale == 1);
  CHECK(none.logit_scale == 1);
  refuse<Minicpm>(base, "dim_model_base", {"0", "-1", "\"x\""});
  refuse<Minicpm>(base, "scale_emb", {"1e60", "[]"});
  refuse_as_unsupported<Minicpm>(base, {{"num_experts", "8"}});
  check_names<Minicpm>(config, with_ends(llama_layers()));
}
