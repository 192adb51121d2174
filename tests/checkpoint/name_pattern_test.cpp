// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/name_pattern.hpp>

#include <doctest/doctest.h>

using namespace ingot::checkpoint;

TEST_CASE("a pattern covers what stands below it, in whole components") {
  const auto match = match_name("model.layers.#.mlp.experts.#", "model.layers.12.mlp.experts.3.up_proj.weight");
  REQUIRE(match);
  CHECK(match->numbers == std::vector<std::string_view>{"12", "3"});
  CHECK(match->rest == ".up_proj.weight");
  CHECK(match_name("norm", "norm")->rest.empty());
  CHECK(match_name("", "norm.weight")->rest == "norm.weight");
  CHECK(!match_name("norm", "norm_final.weight"));
  CHECK(!match_name("h.#.mlp", "h.x.mlp.weight"));
  CHECK(!match_name("h.#.mlp", "h..mlp.weight"));
  CHECK(!match_name("h.#", "h.1x"));
  CHECK(!match_name("h.#", "h."));
  CHECK(!match_name("model.norm", "model"));
}

TEST_CASE("numbers and the rest are carried over") {
  const std::string_view numbers[]{"12", "3"};
  CHECK(fill_name("model.layers.#.x", numbers, ".weight") == "model.layers.12.x.weight");
  CHECK(fill_name("a.#.b.#", numbers, "") == "a.12.b.3");
  CHECK(fill_name("", numbers, ".layers.0") == "layers.0");
  CHECK(fill_name("model", {}, "layers.0") == "model.layers.0");
}
