// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/onnx/graph_builder.hpp>

using namespace ingot::model::onnx;

TEST_CASE("values are called by scope, operator and number, or as asked") {
  GraphBuilder g{"g"};
  g.enter("a");
  const Value first = g.add("Relu", {"x"}), second = g.add("Relu", {"x"});
  g.enter("b");
  CHECK(first == "a/Relu_0");
  CHECK(second == "a/Relu_1");
  CHECK(g.add("Relu", {second}, {}, "y") == "y");
  const auto parts = g.add_split("Split", {"y"}, 3);
  CHECK(parts.size() == 3);
  CHECK(std::set<Value>{parts.begin(), parts.end()}.size() == 3);
  REQUIRE(g.graph().nodes.size() == 4);
  CHECK(g.graph().nodes[2].inputs == std::vector<Value>{second});
  CHECK(g.graph().nodes[3].outputs == parts);
}

TEST_CASE("constants of the same type, extents and bytes are one") {
  GraphBuilder g{"g"};
  const Value one = g.scalar(1.0f);
  CHECK(g.scalar(1.0f) == one);
  CHECK(g.scalar(2.0f) != one);
  CHECK(g.scalar(1.0) != one);
  const float value = 1;
  CHECK(g.constant(std::span<const float>{&value, 1}, {1}) != one);
  CHECK(g.list({1, -1}) == g.list({1, -1}));
  CHECK(g.scalar(std::int64_t{1}) != g.list({1}));
  CHECK(g.graph().constants.size() == 7);
  CHECK(g.graph().constants[0].extents.empty());
  CHECK(g.graph().constants[0].bytes == std::string("\0\0\x80\x3f", 4));
  CHECK(g.graph().constants[4].bytes.size() == 16);
  CHECK(g.graph().constants[4].extents == Dimensions{2});
}

TEST_CASE("a factor of 1 costs no node") {
  GraphBuilder g{"g"};
  CHECK(g.times("x", 1) == "x");
  CHECK(g.graph().nodes.empty());
  CHECK(g.times("x", 2) != "x");
  CHECK(g.graph().nodes.size() == 1);
}
