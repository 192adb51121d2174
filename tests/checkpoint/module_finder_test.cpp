// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/module_finder.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;

TEST_CASE("modules are found by their names, or by ends that only one tensor has") {
  std::vector<TensorInfo> tensors;
  for (const char* name :
       {"language_model.model.layers.0.q.weight", "language_model.model.layers.10.q.weight", "vision.layers.0.q.weight",
        "vision.blocks.0.q.weight", "language_model.model.embed_tokens.weight", "language_model.lm_head.weight", "norm.weight"})
    tensors.push_back({.name = name});
  const auto index = TensorIndex::create({}, tensors);
  REQUIRE(index);
  ModuleFinder finder{*index};
  const auto found = [&](std::string_view name) { return finder.find(name) == nullptr ? std::string{} : finder.find(name)->name; };
  CHECK(found("language_model.model.layers.0.q.weight") == "language_model.model.layers.0.q.weight");
  CHECK(found("model.language_model.layers.10.q.weight") == "language_model.model.layers.10.q.weight");
  CHECK(found("layers.10.q.weight") == "language_model.model.layers.10.q.weight");
  CHECK(found("model.layers.0.q.weight") == "language_model.model.layers.0.q.weight");
  CHECK(found("layers.0.q.weight").empty());  // two of them
  CHECK(found("h.blocks.0.q.weight") == "vision.blocks.0.q.weight");
  CHECK(found("blocks.1.q.weight").empty());  // never by `q.weight` alone
  CHECK(found("0.q.weight").empty());
  CHECK(found("model.embed_tokens.weight") == "language_model.model.embed_tokens.weight");
  CHECK(found("embed_tokens.weight") == "language_model.model.embed_tokens.weight");
  CHECK(found("x.lm_head.weight") == "language_model.lm_head.weight");
  CHECK(found("model.norm.weight") == "norm.weight");
  CHECK(found("head.weight").empty());
  CHECK(found("weight").empty());
  CHECK(found("").empty());
  CHECK(found("a..0..b.").empty());
}
