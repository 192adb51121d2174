// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/model_proto_definitions.hpp: the messages of onnx.proto3; ingot::runtime compiles it, once.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <ingot/model/onnx/graph.hpp>
#include <ingot/model/onnx/message.hpp>
#include <ingot/model/onnx/model_proto.hpp>
#include <ingot/version.hpp>

namespace ingot::model::onnx {

namespace detail {

/// AttributeProto: name 1, f 2, i 3, s 4, ints 8, type 20.
[[nodiscard]] inline Message attribute_proto(const std::string& name, const AttributeValue& value) {
  Message m;
  m.text(1, name);
  struct Visitor {
    Message& m;
    std::int64_t operator()(float v) const { return m.real(2, v), 1; }
    std::int64_t operator()(std::int64_t v) const { return m.number(3, v), 2; }
    std::int64_t operator()(const std::string& v) const { return m.text(4, v), 3; }
    std::int64_t operator()(const std::vector<std::int64_t>& v) const {
      for (const std::int64_t i : v) m.number(8, i);
      return 7;
    }
  };
  m.number(20, std::visit(Visitor{m}, value));
  return m;
}

/// NodeProto: input 1, output 2, name 3, op_type 4, attribute 5. A node is called like its first output.
[[nodiscard]] inline Message node_proto(const Node& node) {
  Message m;
  for (const std::string& input : node.inputs) m.text(1, input);
  for (const std::string& output : node.outputs) m.text(2, output);
  m.text(3, node.outputs.front()).text(4, node.op);
  for (const auto& [name, value] : node.attributes) m.message(5, attribute_proto(name, value));
  return m;
}

/// ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1; its elem_type 1, shape 2; TensorShapeProto: dim 1, of value 1 or param 2.
[[nodiscard]] inline Message port_proto(const Port& port) {
  Message shape;
  for (const PortExtent& extent : port.extents) {
    Message dimension;
    if (const auto* number = std::get_if<std::int64_t>(&extent))
      dimension.number(1, *number);
    else
      dimension.text(2, *std::get_if<std::string>(&extent));
    shape.message(1, dimension);
  }
  Message tensor, type, m;
  tensor.number(1, static_cast<std::int64_t>(port.type)).message(2, shape);
  type.message(1, tensor);
  return std::move(m.text(1, port.name).message(2, type));
}

/// TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13, data_location 14 (1: external).
[[nodiscard]] inline Message tensor_proto(const std::string& name, Type type, const Dimensions& extents) {
  Message m;
  for (const std::int64_t extent : extents) m.number(1, extent);
  return std::move(m.number(2, static_cast<std::int64_t>(type)).text(8, name));
}

[[nodiscard]] inline Message external_proto(const External& external, std::string_view weights_name) {
  Message m = tensor_proto(external.name, external.type, external.extents);
  const auto entry = [&](std::string_view key, std::string_view value) { m.message(13, Message{}.text(1, key).text(2, value)); };
  entry("location", weights_name);
  entry("offset", std::to_string(external.offset));
  entry("length", std::to_string(external.bytes()));
  return std::move(m.number(14, 1));
}

}  // namespace detail

/// GraphProto: node 1, name 2, initializer 5, input 11, output 12. ModelProto: ir_version 1, producer_name 2, producer_version 3,
/// graph 7, opset_import 8.
std::string model_proto(const Graph& graph, std::string_view weights_name) {
  constexpr std::int64_t ir_version = 10;  // the first with 4-bit types
  Message g, m;
  for (const Node& node : graph.nodes) g.message(1, detail::node_proto(node));
  g.text(2, graph.name);
  for (const Constant& c : graph.constants) g.message(5, detail::tensor_proto(c.name, c.type, c.extents).text(9, c.bytes));
  for (const External& external : graph.externals) g.message(5, detail::external_proto(external, weights_name));
  for (const Port& port : graph.inputs) g.message(11, detail::port_proto(port));
  for (const Port& port : graph.outputs) g.message(12, detail::port_proto(port));
  m.number(1, ir_version).text(2, "ingot").text(3, version).message(7, g);
  m.message(8, Message{}.text(1, "").number(2, opset));
  return std::move(m).bytes();
}

}  // namespace ingot::model::onnx
