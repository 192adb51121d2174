// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/onnx/weight_store.hpp>

using namespace ingot;
using namespace ingot::model::onnx;
using model::WeightRequest;

namespace {

/// A store of tensors without values.
struct Fixture {
  std::vector<checkpoint::TensorInfo> tensors{{.name = "norm", .shape = {100}},   {.name = "w", .shape = {6, 96}},
                                              {.name = "v", .shape = {6, 96}},    {.name = "odd", .shape = {3, 5}},
                                              {.name = "odd.2", .shape = {3, 5}}, {.name = "large", .shape = {64, 64}}};
  std::vector<WeightRequest> requests = list();
  GraphBuilder graph{"g"};
  WeightStore store{graph, requests};

  [[nodiscard]] std::vector<WeightRequest> list() const {
    std::vector<WeightRequest> all;
    for (const auto& tensor : tensors) all.push_back({tensor.name, &tensor, tensor.shape.size() == 2, {}});
    return all;
  }
  [[nodiscard]] const External& external(std::size_t i) { return graph.graph().externals.at(i); }
};

constexpr quant::Scheme int4{.bits = 4, .group = 64}, int8{.bits = 8, .group = 0};

}  // namespace

TEST_CASE("each weight is placed once, aligned, large ones on a page") {
  Fixture f;
  CHECK(f.store.has("norm"));
  CHECK_FALSE(f.store.has("bias"));
  CHECK(f.store.vector("norm") == "norm");
  CHECK(f.store.vector("norm") == "norm");
  CHECK(f.store.rows("w", quant::f16) == "w");
  CHECK(f.store.rows("large", quant::f32) == "large");
  CHECK(f.store.vector("odd") == "odd");
  REQUIRE(f.graph.graph().externals.size() == 4);
  CHECK(f.external(0).extents == Dimensions{100});
  CHECK(f.external(1).type == Type::f16);
  CHECK(f.external(1).extents == Dimensions{6, 96});
  CHECK(f.external(1).offset == 448);  // behind 400 bytes
  CHECK(f.external(2).offset == 4096);
  CHECK(f.external(3).offset == 4096 + 64 * 64 * 4);
  CHECK(f.graph.graph().nodes.empty());
  CHECK(std::move(f.store).release().size() == 4);
}

TEST_CASE("factors are transposed, and floats") {
  Fixture f;
  const std::string w[] = {"w"};
  CHECK(f.store.factor("w", w, quant::f32) == "w/transposed");
  CHECK(f.external(0).extents == Dimensions{96, 6});
  const std::string large[] = {"large"};
  f.store.factor("large", large, quant::f16);
  REQUIRE(f.graph.graph().nodes.size() == 1);
  CHECK(f.graph.graph().nodes[0].op == "Cast");
  CHECK(f.graph.graph().nodes[0].inputs == std::vector<Value>{"large/transposed"});
}

TEST_CASE("integers have scales by blocks that divide the columns, or one a column") {
  Fixture f;
  const std::string w[] = {"w"}, v[] = {"v"};
  const Value value = f.store.factor("w", w, int4);
  CHECK(f.store.factor("w", w, int4) == value);
  f.store.factor("v", v, int8);
  const Graph& graph = f.graph.graph();
  REQUIRE(graph.nodes.size() == 2);
  REQUIRE(graph.externals.size() == 4);
  CHECK(graph.nodes[0].op == "DequantizeLinear");
  CHECK(graph.nodes[0].inputs == std::vector<Value>{"w/quantized", "w/scales"});
  CHECK(graph.nodes[0].attributes == Attributes{{"axis", std::int64_t{0}}, {"block_size", std::int64_t{32}}});
  CHECK(graph.externals[0].type == Type::i4);
  CHECK(graph.externals[1].extents == Dimensions{3, 6});
  CHECK(graph.nodes[1].attributes == Attributes{{"axis", std::int64_t{1}}});
  CHECK(graph.externals[2].type == Type::i8);
  CHECK(graph.externals[3].extents == Dimensions{6});
  const auto stored = std::move(f.store).release();
  REQUIRE(stored.size() == 2);
  CHECK(stored[0].scheme == quant::Scheme{.bits = 4, .group = 32});
  CHECK(stored[0].transposed);
  CHECK(stored[1].scales == 3);
}

TEST_CASE("matrices that are alike are stacked; of an odd number of values not by 4 bits") {
  Fixture f;
  const std::string both[] = {"w", "v"}, odd[] = {"odd", "odd.2"};
  f.store.factor("both", both, int4);
  f.store.factor("all", both, int8);
  f.store.factor("odds", odd, {.bits = 4, .group = 0});
  const Graph& graph = f.graph.graph();
  REQUIRE(graph.externals.size() == 6);
  CHECK(graph.externals[0].extents == Dimensions{2, 96, 6});
  CHECK(graph.externals[1].extents == Dimensions{2, 3, 6});
  CHECK(graph.nodes[0].attributes == Attributes{{"axis", std::int64_t{1}}, {"block_size", std::int64_t{32}}});
  CHECK(graph.externals[3].extents == Dimensions{2, 1, 6});
  CHECK(graph.nodes[1].attributes == Attributes{{"axis", std::int64_t{1}}, {"block_size", std::int64_t{96}}});
  CHECK(graph.externals[4].type == Type::i8);
  CHECK(std::move(f.store).release()[0].sources.size() == 2);
}
