// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/calibration.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/quant/import.hpp>

#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

/// Leaves the weights as they are, and remembers what it saw.
struct Witness : CalibrationObserver {
  Status observe(const WeightRequest& matrix, Rows<const float> x) override {
    rows[matrix.name] += x.extent(0);
    order.push_back(matrix.name);
    if (matrix.name == failing) return Error{ErrorCode::other, "enough", {}, {}};
    if (std::find(matrix.roles.begin(), matrix.roles.end(), Role::head) != matrix.roles.end()) keep(head, x);
    if (matrix.name == "model.layers.0.self_attn.q_proj.weight") keep(first, x);
    return {};
  }
  Result<quant::RowSource> weights(const WeightRequest& matrix) override {
    ++asked[matrix.name];
    return quant::row_source(*matrix.tensor);
  }
  Status end_layer(std::uint32_t layer) override {
    ended.push_back(layer);
    return {};
  }
  static void keep(std::vector<float>& to, Rows<const float> x) {
    for (std::size_t r = 0; r < x.extent(0); ++r) to.insert(to.end(), x.row(r), x.row(r) + x.extent(1));
  }
  std::map<std::string, std::size_t> rows, asked;
  std::vector<std::string> order;
  std::vector<std::uint32_t> ended;
  std::vector<float> head, first;
  std::string failing;
};

struct Opened {
  explicit Opened(const std::filesystem::path& path) : checkpoint{*open_checkpoint(path)} { requests = *list_weights(checkpoint); }
  ModelCheckpoint checkpoint;
  std::vector<WeightRequest> requests;
};

}  // namespace

TEST_CASE("every matrix of every family shows its input, and the last rows are those of the model in float") {
  for (const std::string& name : all_golden_names()) {
    const Golden golden = read_golden(name);
    CAPTURE(name);
    const Opened opened{golden.path};
    Team team{2};
    Witness witness;
    const std::vector<std::int32_t> other{golden.tokens.rbegin() + 3, golden.tokens.rend()};
    const auto status = calibrate(opened.checkpoint, opened.requests, {"", {golden.tokens, other}}, witness, team);
    INFO((status ? std::string{} : status.error().message()));
    REQUIRE(status);
    for (const WeightRequest& request : opened.requests) {
      const Role role = request.roles.empty() ? Role::embedding : request.roles.front();
      if (!request.is_matrix || role == Role::positions || role == Role::token_types || role == Role::expert_gate ||
          role == Role::expert_up || role == Role::expert_down || (role == Role::embedding && request.roles.size() == 1))
        continue;
      CAPTURE(request.name);
      CHECK(witness.rows[request.name] >= golden.tokens.size() + other.size());
    }
    for (const auto& [matrix, times] : witness.asked) CHECK(times == 1);
    CHECK(std::is_sorted(witness.ended.begin(), witness.ended.end()));
    CHECK(!witness.ended.empty());
    if (!opened.checkpoint.config.causal) continue;
    const auto model = open_model(golden.path, reference_mode);
    auto expected = rows_of(*model, golden.tokens, at_once, true);
    const auto more = rows_of(*model, other, at_once, true);
    expected.insert(expected.end(), more.begin(), more.end());
    CHECK(same_bits(witness.head, expected));
  }
}

TEST_CASE("layers come one after the other, each input before its matrix") {
  const Golden golden = read_golden("llama");
  const Opened opened{golden.path};
  Team team{1};
  Witness witness;
  REQUIRE(calibrate(opened.checkpoint, opened.requests, {"", {golden.tokens}}, witness, team));
  const std::string prefix = "model.layers.0.";
  const auto at = [&](const std::string& matrix) {
    return std::find(witness.order.begin(), witness.order.end(), prefix + matrix + ".weight");
  };
  CHECK(at("self_attn.q_proj") < at("self_attn.o_proj"));
  CHECK(at("self_attn.o_proj") < at("mlp.up_proj"));
  CHECK(at("mlp.up_proj") < at("mlp.down_proj"));
  CHECK(witness.order.back() == "lm_head.weight");
  CHECK(witness.ended.size() == opened.checkpoint.config.shape.layers);
}

TEST_CASE("what weights become is what the layers behind them see") {
  const Golden golden = read_golden("llama");
  const Opened opened{golden.path};
  Team team{1};
  struct Silent final : Witness {
    Result<quant::RowSource> weights(const WeightRequest& matrix) override {
      if (matrix.roles.front() == Role::embedding) return Witness::weights(matrix);
      return quant::RowSource{[](std::size_t, std::size_t, std::span<float> out) -> Status {
        std::fill(out.begin(), out.end(), 0.f);
        return {};
      }};
    }
  } silent;
  Witness witness;
  REQUIRE(calibrate(opened.checkpoint, opened.requests, {"", {golden.tokens}}, witness, team));
  REQUIRE(calibrate(opened.checkpoint, opened.requests, {"", {golden.tokens}}, silent, team));
  CHECK(same_bits(silent.first, witness.first));  // the first layer's input is the embedding's
  CHECK(!same_bits(silent.head, witness.head));
}

TEST_CASE("an observer's error, a cancellation, no text and unknown tokens end it") {
  const Golden golden = read_golden("llama");
  const Opened opened{golden.path};
  Team team{1};
  Witness witness;
  witness.failing = "model.layers.0.mlp.up_proj.weight";
  CHECK(calibrate(opened.checkpoint, opened.requests, {"", {golden.tokens}}, witness, team).error().what == "enough");
  CHECK(witness.rows.count("model.layers.0.mlp.down_proj.weight") == 0);
  Cancellation cancellation;
  cancellation.request();
  Witness idle;
  CHECK(calibrate(opened.checkpoint, opened.requests, {"", {golden.tokens}}, idle, team, &cancellation).error().code ==
        ErrorCode::cancelled);
  CHECK(idle.rows.empty());
  CHECK(calibrate(opened.checkpoint, opened.requests, {}, idle, team).error().code == ErrorCode::usage);
  CHECK(calibrate(opened.checkpoint, opened.requests, {"", {{}}}, idle, team).error().code == ErrorCode::usage);
  CHECK(calibrate(opened.checkpoint, opened.requests, {"", {{1, 1 << 30}}}, idle, team).error().code == ErrorCode::usage);
}

TEST_CASE("names tell the layer") {
  CHECK(layer_of("model.layers.12.mlp.up_proj.weight") == 12);
  for (const char* name : {"lm_head.weight", "model.layers.", "model.layers.x.y", "model.layers.3", "model.layers.99999999999.a"})
    CHECK(!layer_of(name));
}
