// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/bind.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

constexpr Shape shape{.hidden = 64, .layers = 2, .heads = 6, .kv_heads = 2, .head_dim = 16, .intermediate = 88, .vocabulary = 131};

/// Has every name but the missing ones, and writes down what it is asked for.
class Names final : public WeightSource {
 public:
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> matrices;
  std::map<std::string, std::uint32_t> vectors;
  std::vector<Role> roles;
  std::vector<std::string> missing, biased;

  [[nodiscard]] bool has(std::string_view name) const override {
    const auto listed = [&](const std::vector<std::string>& names) {
      for (const std::string& listed_name : names)
        if (listed_name == name) return true;
      return false;
    };
    return name.ends_with(".bias") || name.ends_with(".sinks") ? listed(biased) : !listed(missing);
  }
  Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) override {
    if (!has(name)) return Error{ErrorCode::damaged, "not there", std::string{name}, {}};
    matrices[std::string{name}] = {rows, columns};
    roles.push_back(role);
    return quant::MatrixView{};
  }
  Result<const float*> vector(std::string_view name, std::uint32_t size, std::uint32_t) override {
    if (!has(name)) return Error{ErrorCode::damaged, "not there", std::string{name}, {}};
    vectors[std::string{name}] = size;
    return &value_;
  }

 private:
  float value_ = 0;
};

struct TestBackend {
  Shape shape;
  bool refuses = false;
  struct Matrix {
    quant::PackedLayout layout;
  };
  template <Role>
  using matrix = Matrix;
  [[nodiscard]] const Shape& extents_of(std::uint32_t) const noexcept { return shape; }
  template <Role R>
  [[nodiscard]] Result<Matrix> bind(const quant::MatrixView&) const {
    if (refuses) return Error{ErrorCode::unsupported, "no kernels", {}, {}};
    const auto [rows, columns] = model::extents(R, shape);
    return Matrix{{quant::Scheme{.bits = 8, .group = 0}, rows, columns}};
  }
};

constexpr Family plain{}, normed{.qk_norm = QkNorm::before_rope};

Config config_of(const Shape& s) {
  Config config;
  config.shape = s;
  config.layers.resize(s.layers);
  return config;
}
const Config config = config_of(shape);

}  // namespace

TEST_CASE("every weight is asked for once by its Hugging Face name, with its extents") {
  Names names;
  const auto weights = bind_weights<plain>(TestBackend{shape}, names, config);
  REQUIRE(weights);
  CHECK(weights->layers.size() == 2);
  CHECK(names.matrices.size() == 2 + 2 * 7);
  CHECK(names.roles.size() == names.matrices.size());
  CHECK(names.vectors.size() == 1 + 2 * 2);
  CHECK(names.matrices.at("model.embed_tokens.weight") == std::pair{131u, 64u});
  CHECK(names.matrices.at("lm_head.weight") == std::pair{131u, 64u});
  CHECK(names.matrices.at("model.layers.1.self_attn.q_proj.weight") == std::pair{96u, 64u});
  CHECK(names.matrices.at("model.layers.0.self_attn.o_proj.weight") == std::pair{64u, 96u});
  CHECK(names.matrices.at("model.layers.0.mlp.down_proj.weight") == std::pair{64u, 88u});
  CHECK(names.vectors.at("model.layers.1.post_attention_layernorm.weight") == 64);
  CHECK(weights->layers[0].heads.query.bias == nullptr);
  CHECK(weights->layers[0].heads.query_norm == nullptr);
}

TEST_CASE("a family's extras and biases that are there are bound") {
  Names names;
  names.biased = {"model.layers.1.self_attn.k_proj.bias", "model.layers.0.mlp.up_proj.bias"};
  const auto weights = bind_weights<normed>(TestBackend{shape}, names, config);
  REQUIRE(weights);
  CHECK(names.vectors.at("model.layers.0.self_attn.q_norm.weight") == 16);
  CHECK(names.vectors.at("model.layers.1.self_attn.k_norm.weight") == 16);
  CHECK(weights->layers[1].heads.key.bias != nullptr);
  CHECK(weights->layers[0].heads.key.bias == nullptr);
  CHECK(weights->layers[0].dense.up.bias != nullptr);
  CHECK(names.vectors.at("model.layers.1.self_attn.k_proj.bias") == 32);
  CHECK(names.vectors.at("model.layers.0.mlp.up_proj.bias") == 88);
}

TEST_CASE("head and embedding stand in for each other, whatever the config says") {
  for (const auto& [missing, kept] :
       {std::pair{"lm_head.weight", "model.embed_tokens.weight"}, std::pair{"model.embed_tokens.weight", "lm_head.weight"}}) {
    Names names;
    names.missing = {missing};
    REQUIRE(bind_weights<plain>(TestBackend{shape}, names, config));
    CHECK_FALSE(names.matrices.contains(missing));
    CHECK(names.matrices.contains(kept));
    CHECK(names.roles[0] == Role::embedding);
    CHECK(names.roles[1] == Role::head);
  }
  Names names;
  names.missing = {"lm_head.weight", "model.embed_tokens.weight"};
  CHECK_FALSE(bind_weights<plain>(TestBackend{shape}, names, config));
}

TEST_CASE("a block that runs twice is two layers; packages that store each run apart are read so") {
  Config twice = config;
  twice.repeats = 2;
  Names names;
  names.missing = {"model.layers.1.input_layernorm.weight"};
  const auto weights = bind_weights<plain>(TestBackend{shape}, names, twice);
  REQUIRE(weights);
  CHECK(weights->layers.size() == 2);
  CHECK(names.matrices.size() == 2 + 7);
  CHECK_FALSE(names.matrices.contains("model.layers.1.self_attn.q_proj.weight"));
  Names apart;
  REQUIRE(bind_weights<plain>(TestBackend{shape}, apart, twice));
  CHECK(apart.matrices.size() == 2 + 2 * 7);
  CHECK_FALSE(bind_weights<plain>(TestBackend{shape}, names, config));
}

TEST_CASE("whatever is missing is named, and so is a matrix without kernels") {
  Names complete;
  REQUIRE(bind_weights<normed>(TestBackend{shape}, complete, config));
  std::vector<std::string> needed;
  for (const auto& [name, extents_of] : complete.matrices)
    if (name != "lm_head.weight" && name != "model.embed_tokens.weight") needed.push_back(name);
  for (const auto& [name, size] : complete.vectors) needed.push_back(name);
  for (const std::string& name : needed) {
    CAPTURE(name);
    Names names;
    names.missing = {name};
    const auto weights = bind_weights<normed>(TestBackend{shape}, names, config);
    REQUIRE_FALSE(weights);
    CHECK(weights.error().message().find(name) != std::string::npos);
  }
  Names names;
  const auto refused = bind_weights<plain>(TestBackend{shape, true}, names, config);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message().find("model.embed_tokens.weight") != std::string::npos);
}

TEST_CASE("cost adds the matrices of all layers and the head") {
  Names names;
  const auto weights = bind_weights<plain>(TestBackend{shape}, names, config);
  REQUIRE(weights);
  const Cost cost = cost_of<plain>(*weights, config);
  CHECK(cost.layer_macs == 2u * (2 * 96 * 64 + 2 * 32 * 64 + 3 * 88 * 64));
  CHECK(cost.head_macs == 131u * 64);
  // int8 by channel: a byte a weight in panels of 16 rows, and 16 binary16 scales a panel.
  const std::uint64_t panels = 2 * (6 * 64 + 2 * 2 * 64 + 4 * 96 + 2 * 6 * 64 + 4 * 88) + 9 * 64;
  const std::uint64_t scales = 2 * (6 + 2 * 2 + 4 + 2 * 6 + 4) + 9;
  CHECK(cost.weight_bytes == 16 * panels + 32 * scales);
}
