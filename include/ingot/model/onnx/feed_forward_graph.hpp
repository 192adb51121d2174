// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/feed_forward_graph.hpp: the feed-forward of one layer as nodes: dense, or a mixture of experts.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/model/config.hpp>
#include <ingot/model/family.hpp>
#include <ingot/model/onnx/graph_parts.hpp>

namespace ingot::model::onnx::detail {

class FeedForwardGraph {
 public:
  FeedForwardGraph(Parts& parts, std::uint32_t layer, std::string block)
      : p_{parts},
        g_{parts.graph},
        shape_{parts.config.extents_of(layer)},
        sparse_{parts.config.layers[layer].sparse},
        name_{block + "mlp."} {}

  /// n: [batch, sequence, hidden]
  Value run(const Value& n) {
    if (p_.family.router == Router::none || !sparse_) return dense(n, name_, Role::gate, Role::up, Role::down);
    Value sum = experts(n);
    if (shape_.shared_width == 0) return sum;
    Value shared = dense(n, name_ + "shared_expert.", Role::shared_gate, Role::shared_up, Role::shared_down);
    const std::string gate = name_ + "shared_expert_gate";
    if (p_.weights.has(gate + ".weight")) shared = g_.add("Mul", {shared, g_.add("Sigmoid", {p_.linear(n, gate, Role::shared_switch)})});
    return g_.add("Add", {sum, shared});
  }

 private:
  Value dense(const Value& n, const std::string& name, Role gate, Role up, Role down) {
    const bool plain = p_.family.feed_forward == FeedForward::plain;
    const Value factor = plain ? Value{} : p_.linear(n, name + "gate_proj", gate);
    return p_.linear(p_.gated(factor, p_.linear(n, name + "up_proj", up)), name + "down_proj", down);
  }

  /// All experts see all rows, as one product of stacked matrices; the weights of those not chosen are 0. Loops over experts and their
  /// rows would need shapes that depend on values, which no compiler for NPUs takes.
  Value experts(const Value& n) {
    const Value rows = g_.reshape(n, {-1, shape_.hidden});  // [rows, hidden]
    const Value weights = g_.unsqueeze(g_.transpose(weigh(p_.linear(rows, name_ + "router", Role::router)), {1, 0}), 2);
    Value x = g_.unsqueeze(rows, 0);  // [1, rows, hidden]
    const bool weigh_input = p_.family.router == Router::sigmoid_input;
    if (weigh_input) x = g_.add("Mul", {x, weights});  // [experts, rows, hidden]
    const bool plain = p_.family.feed_forward == FeedForward::plain;
    const Value gate = plain ? Value{} : product(x, "gate_proj", Role::expert_gate);  // [experts, rows, width]
    Value y = product(p_.gated(gate, product(x, "up_proj", Role::expert_up)), "down_proj", Role::expert_down);
    if (!weigh_input) y = g_.add("Mul", {y, weights});  // [experts, rows, hidden]
    const Value sum = g_.add("ReduceSum", {y, g_.list({0})}, {{"keepdims", std::int64_t{0}}});
    return g_.add("Reshape", {sum, g_.add("Shape", {n})});
  }

  /// W_e x + b_e of all experts e
  Value product(const Value& x, const char* matrix, Role role) {
    const auto names = [&](const char* suffix) {
      std::vector<std::string> all;
      for (std::uint32_t e = 0; e < shape_.experts; ++e) all.push_back(name_ + "experts." + std::to_string(e) + "." + matrix + suffix);
      return all;
    };
    const std::vector<std::string> weights = names(".weight"), biases = names(".bias");
    const std::string stack = name_ + "experts." + matrix;
    Value y = g_.add("MatMul", {p_.round_by_any(x, weights), p_.weights.factor(stack + ".weight", weights, p_.scheme_of(role))});
    if (p_.weights.has(biases.front())) y = g_.add("Add", {y, g_.unsqueeze(p_.weights.vectors(stack + ".bias", biases), 1)});
    return y;
  }

  /// The factor of each expert for each row [rows, experts], from the router's logits: ExpertChoice of routing.hpp.
  Value weigh(const Value& logits) {
    const bool biased = p_.family.router == Router::sigmoid_biased, soft = p_.family.router == Router::softmax_then_top;
    const RoutingConfig& routing = p_.config.routing;
    const Attributes last{{"axis", std::int64_t{-1}}};
    const Value gates = biased ? g_.add("Sigmoid", {logits}) : soft ? g_.add("Softmax", {logits}, last) : logits;
    Value scores = biased ? g_.add("Add", {gates, p_.weights.vector(name_ + "router.correction_bias")}) : gates;
    if (routing.groups_used < routing.groups) scores = within_groups(scores);
    const Value chosen = top(scores, std::min(shape_.experts_used, shape_.experts)).second;
    Value weights = g_.add("GatherElements", {gates, chosen}, last);
    if (p_.family.router == Router::top_then_softmax) weights = g_.add("Softmax", {weights}, last);
    if (p_.family.router == Router::sigmoid_input) weights = g_.add("Sigmoid", {weights});
    if ((biased || soft) && routing.normalize) {
      const Value total = g_.add("ReduceSum", {weights, g_.list({-1})}, {{"keepdims", std::int64_t{1}}});
      weights = g_.add("Div", {weights, biased ? g_.add("Add", {total, g_.scalar(1e-20f)}) : total});
    }
    return scatter(logits, chosen, g_.times(weights, routing.factor));
  }

  std::pair<Value, Value> top(const Value& x, std::int64_t count) {
    const auto parts = g_.add_split("TopK", {x, g_.list({count})}, 2, {{"axis", std::int64_t{-1}}});
    return {parts[0], parts[1]};
  }
  /// Zeros like `like`, with `values` at the places `indices` of the last dimension.
  Value scatter(const Value& like, const Value& indices, const Value& values) {
    const Value zeros = g_.add("ConstantOfShape", {g_.add("Shape", {like})});
    return g_.add("ScatterElements", {zeros, indices, values}, {{"axis", std::int64_t{-1}}});
  }

  /// Scores of experts outside the best groups become the lowest.
  Value within_groups(const Value& scores) {
    const RoutingConfig& routing = p_.config.routing;
    const std::int64_t groups = routing.groups, size = shape_.experts / routing.groups;
    const Value grouped = g_.reshape(scores, {-1, groups, size});
    const Value best = top(grouped, routing.group_by_two ? std::min<std::int64_t>(2, size) : 1).first;
    const Value of_group = g_.add("ReduceSum", {best, g_.list({-1})}, {{"keepdims", std::int64_t{0}}});  // [rows, groups]
    const auto [values, chosen] = top(of_group, routing.groups_used);
    const Value ones = g_.add("ConstantOfShape", {g_.add("Shape", {values})});
    const Value kept = g_.unsqueeze(g_.cast(scatter(of_group, chosen, g_.add("Add", {ones, g_.scalar(1.0f)})), Type::boolean), 2);
    const Value masked = g_.add("Where", {kept, grouped, g_.scalar(std::numeric_limits<float>::lowest())});
    return g_.reshape(masked, {-1, groups * size});
  }

  Parts& p_;
  GraphBuilder& g_;
  const Shape& shape_;
  bool sparse_;
  std::string name_;
};

}  // namespace ingot::model::onnx::detail
