// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/onnx/model_proto.hpp>

#include "model/onnx/proto_fields.hpp"

using namespace ingot::model::onnx;
using ingot::test::numbers, ingot::test::texts;
using Numbers = std::vector<std::int64_t>;
using Texts = std::vector<std::string_view>;

namespace {

Graph sample() {
  Graph graph;
  graph.name = "sample";
  graph.nodes.push_back({"Split", {"x", "sizes"}, {"a", "b"}, {{"axis", std::int64_t{-1}}, {"perm", Numbers{0, 2}}, {"epsilon", 0.5f}}});
  graph.nodes.push_back({"Gelu", {"a"}, {"y"}, {{"approximate", std::string{"tanh"}}}});
  graph.inputs.push_back({"x", Type::f32, {std::string{"batch"}, std::int64_t{7}}});
  graph.outputs.push_back({"y", Type::f16, {}});
  graph.constants.push_back({"sizes", Type::i64, {2}, std::string(16, '\1')});
  graph.externals.push_back({"w", Type::i4, {3, 5}, 4096});
  return graph;
}

}  // namespace

TEST_CASE("sizes of tensors: two of 4 bits share a byte") {
  static_assert(bits_of(Type::u4) == 4 && bits_of(Type::i8) == 8 && bits_of(Type::f16) == 16 && bits_of(Type::f32) == 32 &&
                bits_of(Type::i64) == 64);
  CHECK(bytes_of(Type::i4, {3, 5}) == 8);
  CHECK(bytes_of(Type::f32, {}) == 4);
  CHECK(bytes_of(Type::f32, {2, 0}) == 0);
}

TEST_CASE("a graph as messages of onnx.proto3") {
  const std::string bytes = model_proto(sample(), "sample.data");
  CHECK(numbers(bytes, 1) == Numbers{10});  // ir_version
  CHECK(texts(bytes, 2) == Texts{"ingot"});
  const auto opsets = texts(bytes, 8);
  REQUIRE(opsets.size() == 1);
  CHECK(texts(opsets[0], 1) == Texts{""});
  CHECK(numbers(opsets[0], 2) == Numbers{opset});
  const auto graphs = texts(bytes, 7);
  REQUIRE(graphs.size() == 1);
  CHECK(texts(graphs[0], 2) == Texts{"sample"});

  const auto nodes = texts(graphs[0], 1);
  REQUIRE(nodes.size() == 2);
  CHECK(texts(nodes[0], 1) == Texts{"x", "sizes"});
  CHECK(texts(nodes[0], 2) == Texts{"a", "b"});
  CHECK(texts(nodes[0], 4) == Texts{"Split"});
  const auto attributes = texts(nodes[0], 5);
  REQUIRE(attributes.size() == 3);
  CHECK(texts(attributes[0], 1) == Texts{"axis"});
  CHECK(numbers(attributes[0], 3) == Numbers{-1});
  CHECK(numbers(attributes[0], 20) == Numbers{2});
  CHECK(numbers(attributes[1], 8) == Numbers{0, 2});
  CHECK(numbers(attributes[1], 20) == Numbers{7});
  CHECK(numbers(attributes[2], 20) == Numbers{1});
  const auto gelu = texts(nodes[1], 5);
  REQUIRE(gelu.size() == 1);
  CHECK(texts(gelu[0], 4) == Texts{"tanh"});
  CHECK(numbers(gelu[0], 20) == Numbers{3});
}

TEST_CASE("extents of ports, constants within, weights beside") {
  const std::string bytes = model_proto(sample(), "sample.data");
  const std::string_view graph = texts(bytes, 7).at(0);
  const auto inputs = texts(graph, 11), outputs = texts(graph, 12), tensors = texts(graph, 5);
  REQUIRE(inputs.size() == 1);
  CHECK(texts(inputs[0], 1) == Texts{"x"});
  const auto type = texts(texts(inputs[0], 2).at(0), 1).at(0);
  CHECK(numbers(type, 1) == Numbers{1});
  const auto extents = texts(texts(type, 2).at(0), 1);
  REQUIRE(extents.size() == 2);
  CHECK(texts(extents[0], 2) == Texts{"batch"});
  CHECK(numbers(extents[1], 1) == Numbers{7});
  REQUIRE(outputs.size() == 1);
  CHECK(numbers(texts(texts(outputs[0], 2).at(0), 1).at(0), 1) == Numbers{10});

  REQUIRE(tensors.size() == 2);
  CHECK(numbers(tensors[0], 1) == Numbers{2});
  CHECK(numbers(tensors[0], 2) == Numbers{7});
  CHECK(texts(tensors[0], 8) == Texts{"sizes"});
  CHECK(texts(tensors[0], 9) == Texts{std::string(16, '\1')});
  CHECK(numbers(tensors[1], 1) == Numbers{3, 5});
  CHECK(numbers(tensors[1], 2) == Numbers{22});
  CHECK(numbers(tensors[1], 14) == Numbers{1});
  Texts entries;
  for (const std::string_view entry : texts(tensors[1], 13))
    entries.push_back(texts(entry, 1).at(0)), entries.push_back(texts(entry, 2).at(0));
  CHECK(entries == Texts{"location", "sample.data", "offset", "4096", "length", "8"});
}
