// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/graph_parts.hpp: what all parts of a decoder's graph are made with: norms, products, activations.

#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/model/config.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/onnx/activation_ranges.hpp>
#include <ingot/model/onnx/decoder_graph.hpp>
#include <ingot/model/onnx/graph_builder.hpp>
#include <ingot/model/onnx/weight_store.hpp>

namespace ingot::model::onnx::detail {

/// The graph under construction.
struct Parts {
  const Family& family;
  const Config& config;
  const GraphForm& form;
  GraphBuilder& graph;
  WeightStore& weights;
  std::map<std::pair<Value, std::string>, Value> rounded = {};  // of each value and code

  /// `x` through the integers that hold the range of `place`; `x` itself where none is known.
  Value round(const Value& x, const std::string& place) {
    const auto range = form.ranges.find(place);
    return form.activations.bits == 0 || range == form.ranges.end() ? x : round(x, range->second);
  }
  Value round(const Value& x, const Range& range) {
    const LinearCode code = code_of(range, form.activations);
    const Type type = form.activations.type();
    std::string zero;
    for (std::size_t i = 0; i < bits_of(type) / 8; ++i) zero += static_cast<char>(code.zero >> 8 * i & 255);
    const Value scale = graph.scalar(code.scale), zero_point = graph.constant(type, {}, std::move(zero));
    Value& rounded_x = rounded[{x, scale + zero_point}];
    if (rounded_x.empty())
      rounded_x = graph.add("DequantizeLinear", {graph.add("QuantizeLinear", {x, scale, zero_point}), scale, zero_point});
    return rounded_x;
  }

  /// The same with the range that covers those of all `places` that are known.
  Value round_by_any(const Value& x, std::span<const std::string> places) {
    Range all;
    bool known = false;
    for (const std::string& place : places)
      if (const auto range = form.ranges.find(place); range != form.ranges.end()) all |= range->second, known = true;
    return form.activations.bits != 0 && known ? round(x, all) : x;
  }

  /// W x + b, x: [..., columns], of the matrix `name`.weight
  Value linear(const Value& x, const std::string& name, Role role) {
    const std::string weight = name + ".weight";
    const std::string sources[] = {weight};
    Value y = graph.add("MatMul", {round(x, weight), weights.factor(weight, sources, scheme_of(role))});
    if (weights.has(name + ".bias")) y = graph.add("Add", {y, weights.vector(name + ".bias")});
    return round(y, weight + ":output");
  }
  [[nodiscard]] quant::Scheme scheme_of(Role role) const noexcept {
    const quant::Scheme scheme = storage_of(role, form.weights);
    return scheme == quant::bf16 ? quant::f16 : scheme;
  }

  /// x / sqrt(mean(x^2) + eps) * w over the last dimension; no weight: without it
  Value rms_norm(const Value& x, const Value& weight, float eps) {
    const Value squares = graph.add("Pow", {x, graph.scalar(2.0f)});
    const Value mean = graph.add("ReduceMean", {squares, graph.list({-1})}, {{"keepdims", std::int64_t{1}}});
    const Value y = graph.add("Div", {x, graph.add("Sqrt", {graph.add("Add", {mean, graph.scalar(eps)})})});
    return weight.empty() ? y : graph.add("Mul", {y, weight});
  }
  /// The norm `name` of the residual stream.
  Value norm(const Value& x, const std::string& name) {
    const Value weight = weights.vector(name + ".weight");
    if (family.norm == Norm::rms) return rms_norm(x, weight, config.norm_eps);
    std::vector<Value> inputs{x, weight};
    if (weights.has(name + ".bias")) inputs.push_back(weights.vector(name + ".bias"));
    return graph.add("LayerNormalization", std::move(inputs), {{"axis", std::int64_t{-1}}, {"epsilon", config.norm_eps}});
  }

  Value soft_cap(const Value& x, float cap) { return cap == 0 ? x : graph.times(graph.add("Tanh", {graph.times(x, 1 / cap)}), cap); }
  /// x sigmoid(factor x)
  Value times_sigmoid(const Value& x, float factor = 1) { return graph.add("Mul", {x, graph.add("Sigmoid", {graph.times(x, factor)})}); }
  Value activate(const Value& x) {
    switch (config.activation) {
      case Activation::silu:
        return times_sigmoid(x);
      case Activation::quick_gelu:
        return times_sigmoid(x, 1.702f);
      case Activation::relu:
        return graph.add("Relu", {x});
      case Activation::gelu:
        return graph.add("Gelu", {x}, {{"approximate", std::string{"none"}}});
      case Activation::gelu_tanh:
        break;
    }
    return graph.add("Gelu", {x}, {{"approximate", std::string{"tanh"}}});
  }
  /// What goes to W_down; no gate with FeedForward::plain. Formulas: family.hpp, kernels/gate.hpp
  Value gated(const Value& gate, const Value& up) {
    if (family.feed_forward == FeedForward::plain) return activate(up);
    if (family.feed_forward == FeedForward::gated) return graph.add("Mul", {activate(gate), up});
    const Value limit = graph.scalar(config.glu_limit);
    const Value g = graph.add("Min", {gate, limit}), u = graph.add("Clip", {up, graph.scalar(-config.glu_limit), limit});
    return graph.add("Mul", {graph.add("Add", {u, graph.scalar(1.0f)}), times_sigmoid(g, config.glu_alpha)});
  }
};

}  // namespace ingot::model::onnx::detail
