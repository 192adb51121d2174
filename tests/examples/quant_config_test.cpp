// SPDX-License-Identifier: Apache-2.0
#include "support/quant_config.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;

namespace {

constexpr Scheme int4{.bits = 4, .group = 64, .zero = Zero::min};

std::vector<model::PlannedStorage> planned() {
  const auto matrix = [](std::string name, model::Role role, const Scheme& scheme) {
    return model::PlannedStorage{std::move(name), role, {scheme, 64, 64}};
  };
  return {matrix("model.embed_tokens.weight", model::Role::embedding, quant::bf16),
          matrix("model.layers.1.mlp.up_proj.weight", model::Role::up, int4),
          matrix("model.layers.11.mlp.up_proj.weight", model::Role::up, int4),
          matrix("model.layers.11.mlp.down_proj.weight", model::Role::down, int4), matrix("lm_head.weight", model::Role::head, int4)};
}

struct Outcome {
  std::vector<std::string> notes;
  model::ExportOptions options{.layers = int4, .head = int4};

  std::string of(std::string_view name) const {
    const auto found = options.schemes.find(name);
    return found == options.schemes.end() ? "" : to_string(found->second);
  }
};
Result<Outcome> configured(std::string_view json) {
  Outcome outcome;
  INGOT_TRY(const auto rules, program::read_quant_config(json, "q.json"));
  INGOT_TRY(outcome.notes, program::apply(rules, planned(), outcome.options));
  return outcome;
}
Outcome read(std::string_view json) {
  auto outcome = configured(json);
  INFO((outcome ? std::string{} : outcome.error().message()));
  REQUIRE(outcome);
  return *std::move(outcome);
}

}  // namespace

TEST_CASE("2:4 has no min, stays where it was asked for, and is left where a file says so") {
  const Outcome o = read(R"([{"match": "up_proj", "sparse": "2:4"}, {"match": "down_proj", "bits": 8, "sparse": "2:4", "block": 32}])");
  CHECK(o.of("model.layers.1.mlp.up_proj.weight") == "int4-g64-2of4");
  CHECK(o.of("model.layers.11.mlp.down_proj.weight") == "int8-g32-2of4");
  Outcome sparse;
  sparse.options.layers = ingot::quant::sparse_scheme(int4);
  const auto rules = program::read_quant_config(
      R"([{"match": "up_proj", "bits": 8}, {"match": "down_proj", "sparse": "dense"}, {"match": "embed", "bits": 4}])", "q.json");
  REQUIRE(rules);
  REQUIRE(program::apply(*rules, planned(), sparse.options));
  CHECK(sparse.of("model.layers.1.mlp.up_proj.weight") == "int8-g64-2of4");
  CHECK(sparse.of("model.layers.11.mlp.down_proj.weight") == "int4-g64");
  CHECK(sparse.of("model.embed_tokens.weight") == "int4-g64");
  CHECK(configured(R"([{"match": "up_proj", "bits": 3, "sparse": "2:4"}])").error().code == ErrorCode::unsupported);
}

TEST_CASE("the first pattern that is found in a name decides; what it does not say stays") {
  const Outcome o = read(R"([{"match": "layers\\.1\\.", "bits": 8},
                             {"match": "up_proj", "block": 32, "sym": true},
                             {"match": "embed_tokens", "bits": 4},
                             {"match": "^lm_head", "bits": 16, "block": 32},
                             {"match": "q_proj", "bits": 8}])");
  CHECK(o.of("model.layers.1.mlp.up_proj.weight") == "int8-g64-min");
  CHECK(o.of("model.layers.11.mlp.up_proj.weight") == "int4-g32");
  CHECK(o.of("model.layers.11.mlp.down_proj.weight") == "");
  CHECK(o.of("model.embed_tokens.weight") == "int4-g64-min");
  CHECK(o.of("lm_head.weight") == "bf16");
  REQUIRE(o.notes.size() == 1);
  CHECK(o.notes[0].find("q_proj") != std::string::npos);
}

TEST_CASE("MNN's operators name tensors; a layer's number is not the end of another's") {
  const Outcome o = read(R"({"/layers.1/mlp/up_proj/Linear": {"bits": 8, "block_size": 0, "symmetric": true},
                             "/lm/lm_head/Linear": {"bits": 8},
                             "model.layers.11.mlp.down_proj.weight": {"block_size": 128},
                             "layers.7.mlp.up_proj": {"bits": 8}})");
  CHECK(o.of("model.layers.1.mlp.up_proj.weight") == "int8-channel");
  CHECK(o.of("model.layers.11.mlp.up_proj.weight") == "");
  CHECK(o.of("model.layers.11.mlp.down_proj.weight") == "int4-g128-min");
  CHECK(o.of("lm_head.weight") == "int8-g64-min");
  REQUIRE(o.notes.size() == 1);
  CHECK(o.notes[0].find("layers.7") != std::string::npos);
  CHECK(read(R"({"lm_head": {"bits": 8}})").of("lm_head.weight") == "int8-g64-min");
}

TEST_CASE("a configuration that means nothing is refused, with its place") {
  const auto error = [](std::string_view json) {
    const auto outcome = configured(json);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().message().find("q.json") != std::string::npos);
    return outcome.error();
  };
  CHECK(error(R"([{"match": "x", "bit": 4}])").code == ErrorCode::usage);
  CHECK(error(R"({"lm_head": {"bits": 4, "block": 32}})").code == ErrorCode::usage);
  for (const std::string_view json : {"", "4", "[4]", "{\"a\": 4}", "[{\"bits\": 4}]", R"([{"match": "(", "bits": 4}])",
                                      R"([{"match": "x", "bits": "4"}])", R"([{"match": "x", "sym": 1}])",
                                      R"([{"match": "x", "sparse": "1:2"}])", R"({"a": {"bits": 1e9}})", R"({"a": {"bits": 99999999999}})"})
    static_cast<void>(error(json));
}

TEST_CASE("a scheme without kernels names the rule, the matrix and what there is") {
  for (const std::string_view json : {R"([{"match": "up_proj", "bits": 7}])", R"([{"match": "up_proj", "bits": -4}])",
                                      R"([{"match": "up_proj", "block": 70000}])", R"([{"match": "up_proj", "bits": 4, "block": 33}])"}) {
    const auto outcome = configured(json);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::unsupported);
    CHECK(outcome.error().message().find("up_proj for model.layers.1") != std::string::npos);
    CHECK(outcome.error().message().find("bits: ") != std::string::npos);
  }
}

TEST_CASE("a regex that would search for ever is an Error") {
  const auto outcome = configured(R"([{"match": "(([a-z]+)*)*\\d{9}$", "bits": 8}])");
  if (!outcome) CHECK(outcome.error().code == ErrorCode::unsupported);
}
