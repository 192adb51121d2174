// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/listing.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/open_families.hpp>

#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

Config config_of(const checkpoint::Checkpoint& checkpoint) {
  auto config = read_model_config(checkpoint.config_json, {}, "config.json");
  REQUIRE(config);
  return *std::move(config);
}

Result<std::vector<WeightRequest>> list(const checkpoint::Checkpoint& checkpoint) {
  const Config config = config_of(checkpoint);
  return with_family(config.model_type, [&]<class F>() { return Instantiate<F::traits>::list_weights(config, checkpoint.tensors); });
}

}  // namespace

TEST_CASE("the work list names every tensor of a checkpoint once") {
  for (const std::string& name : golden_names) {
    CAPTURE(name);
    const auto checkpoint = checkpoint::open(golden_models / name);
    REQUIRE(checkpoint);
    const auto requests = list(*checkpoint);
    REQUIRE(requests);
    CHECK(requests->size() == checkpoint->tensors.size());
    for (const auto& tensor : checkpoint->tensors) {
      const auto found = std::find_if(requests->begin(), requests->end(), [&](const WeightRequest& r) { return r.name == tensor.name; });
      REQUIRE(found != requests->end());
      CHECK(found->tensor == checkpoint->tensors.find(tensor.name));
      CHECK(found->is_matrix == (tensor.shape.size() == 2));
      CHECK(found->roles.empty() != found->is_matrix);
    }
  }
}

TEST_CASE("a tied embedding has two roles") {
  const auto checkpoint = checkpoint::open(golden_models / "llama-tied");
  REQUIRE(checkpoint);
  const auto requests = list(*checkpoint);
  REQUIRE(requests);
  CHECK(requests->front().name == "model.embed_tokens.weight");
  CHECK(requests->front().roles == std::vector<Role>{Role::embedding, Role::head});
}

TEST_CASE("tensors no decoder asks for are not listed, missing and misshapen ones are errors") {
  const TinyModel tiny;
  const TemporaryDirectory temporary;
  TinyTensors tensors = tiny.tensors();
  tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = {{8}, std::vector<float>(8)};
  const auto extra = checkpoint::open(write_checkpoint(temporary.path() / "extra", tiny.config_json(), tensors));
  REQUIRE(extra);
  const auto requests = list(*extra);
  REQUIRE(requests);
  CHECK(requests->size() == tiny.tensors().size());

  tensors = tiny.tensors();
  tensors["model.layers.1.mlp.up_proj.weight"].shape = {64, 88};  // the other way round
  const auto turned = checkpoint::open(write_checkpoint(temporary.path() / "turned", tiny.config_json(), tensors));
  REQUIRE(turned);
  const auto refused = list(*turned);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::damaged);
  CHECK(refused.error().message().find("model.layers.1.mlp.up_proj.weight") != std::string::npos);
  CHECK(refused.error().message().find("[64, 88]") != std::string::npos);
  CHECK(refused.error().message().find("[88, 64]") != std::string::npos);
}
