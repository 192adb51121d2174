// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/graph_builder.hpp: a graph grown node by node; values are called by the names it gives them.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <ingot/model/onnx/graph.hpp>

namespace ingot::model::onnx {

/// The name of what a node gives, an input or a stored tensor.
using Value = std::string;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

class GraphBuilder {
 public:
  explicit GraphBuilder(std::string name) { graph_.name = std::move(name); }

  /// Names of values are made of it from here on: `model/layers.0`.
  void enter(std::string scope) { scope_ = std::move(scope); }

  /// Adds a node with one output, called `name` or by a name of its own.
  Value add(std::string_view op, std::vector<Value> inputs, Attributes attributes = {}, Value name = {}) {
    if (name.empty()) name = fresh(op);
    graph_.nodes.push_back({std::string{op}, std::move(inputs), {name}, std::move(attributes)});
    return name;
  }
  /// Adds a node with `count` outputs.
  std::vector<Value> add_split(std::string_view op, std::vector<Value> inputs, std::size_t count, Attributes attributes = {}) {
    std::vector<Value> outputs;
    for (std::size_t i = 0; i < count; ++i) outputs.push_back(fresh(op));
    graph_.nodes.push_back({std::string{op}, std::move(inputs), outputs, std::move(attributes)});
    return outputs;
  }

  Value input(Port port) {
    graph_.inputs.push_back(std::move(port));
    return graph_.inputs.back().name;
  }
  void output(Port port) { graph_.outputs.push_back(std::move(port)); }

  /// A constant of these elements; the same ones are stored once.
  template <class T>
  Value constant(std::span<const T> values, Dimensions extents) {
    std::string bytes(values.size_bytes(), '\0');
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return constant(type_of<T>(), std::move(extents), std::move(bytes));
  }
  Value constant(Type type, Dimensions extents, std::string bytes) {
    auto [known, is_new] = constants_.try_emplace(std::tuple{type, extents, bytes}, "constant_" + std::to_string(constants_.size()));
    if (is_new) graph_.constants.push_back({known->second, type, std::move(extents), std::move(bytes)});
    return known->second;
  }
  template <class T>
  Value scalar(T value) {
    return constant(std::span<const T>{&value, 1}, {});
  }
  Value list(std::initializer_list<std::int64_t> values) {
    return constant(std::span<const std::int64_t>{values.begin(), values.size()}, {static_cast<std::int64_t>(values.size())});
  }

  /// The nodes that most of a graph is made of.
  Value times(const Value& x, float factor) { return factor == 1 ? x : add("Mul", {x, scalar(factor)}); }
  Value reshape(const Value& x, std::initializer_list<std::int64_t> extents) { return add("Reshape", {x, list(extents)}); }
  Value unsqueeze(const Value& x, std::int64_t axis) { return add("Unsqueeze", {x, list({axis})}); }
  Value transpose(const Value& x, std::vector<std::int64_t> order) { return add("Transpose", {x}, {{"perm", std::move(order)}}); }
  Value concat(std::vector<Value> parts, std::int64_t axis, Value name = {}) {
    return add("Concat", std::move(parts), {{"axis", axis}}, std::move(name));
  }
  Value slice(const Value& x, std::int64_t begin, std::int64_t end, std::int64_t axis, std::int64_t step = 1, Value name = {}) {
    return add("Slice", {x, list({begin}), list({end}), list({axis}), list({step})}, {}, std::move(name));
  }
  Value cast(const Value& x, Type to) { return add("Cast", {x}, {{"to", static_cast<std::int64_t>(to)}}); }

  [[nodiscard]] Graph& graph() noexcept { return graph_; }

 private:
  template <class T>
  [[nodiscard]] static constexpr Type type_of() noexcept {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>);
    return std::is_same_v<T, float> ? Type::f32 : std::is_same_v<T, double> ? Type::f64 : Type::i64;
  }
  [[nodiscard]] Value fresh(std::string_view op) { return scope_ + "/" + std::string{op} + "_" + std::to_string(values_++); }

  Graph graph_;
  std::string scope_;
  std::size_t values_ = 0;
  std::map<std::tuple<Type, Dimensions, std::string>, Value> constants_;
};

}  // namespace ingot::model::onnx
