// SPDX-License-Identifier: Apache-2.0
// README.md's page on adding a family: the family there (readme/mine.hpp) runs.
#include <ingot/model/open_families.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "model/golden.hpp"
#include "model/tiny_model.hpp"
#include "readme/mine.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

TEST_CASE("the family that README.md adds computes what its weights compute under canonical names") {
  const TemporaryDirectory temporary;
  TinyModel tiny{.model_type = "qwen3", .norms = true};
  const auto tokens = random_tokens(30, tiny.shape.vocabulary);
  const auto expected = logits_of(*open_model(write_checkpoint(temporary.path() / "qwen3", tiny), reference_mode), tokens);

  tiny.model_type = "mine";
  std::string config = tiny.config_json();
  const std::string key = "hidden_size";
  config.replace(config.find(key), key.size(), "model_width");
  TinyTensors tensors;
  for (auto& [name, tensor] : tiny.tensors()) {
    std::string theirs = name;
    const auto replace = [&](const std::string& from, const std::string& to) {
      if (const auto at = theirs.find(from); at != std::string::npos) theirs.replace(at, from.size(), to);
    };
    replace("model.layers", "blocks");
    replace("input_layernorm", "attention_norm");
    tensors[theirs] = tensor;
  }
  const auto path = write_checkpoint(temporary.path() / "mine", config, tensors);
  auto opened = model::open<families::All::with<Mine>>(path, reference_mode);
  INFO((opened ? std::string{} : opened.error().message()));
  REQUIRE(opened);
  CHECK(same_bits(logits_of(**opened, tokens), expected));
  CHECK_FALSE(model::open(path, reference_mode));  // nobody else reads it
}
