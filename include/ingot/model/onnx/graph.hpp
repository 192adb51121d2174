// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/graph.hpp: an ONNX graph as plain values: nodes, ports, constants, and tensors kept in a file beside it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ingot::model::onnx {

/// Element types; the values are those of TensorProto.DataType (onnx.proto3 of ONNX 1.16).
enum class Type : std::uint8_t {
  f32 = 1,
  u8 = 2,
  i8 = 3,
  u16 = 4,
  i16 = 5,
  i32 = 6,
  i64 = 7,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u4 = 21,  ///< two in a byte, the first in the low nibble
  i4 = 22,
};

[[nodiscard]] constexpr std::size_t bits_of(Type type) noexcept {
  switch (type) {
    case Type::u4:
    case Type::i4:
      return 4;
    case Type::u8:
    case Type::i8:
    case Type::boolean:
      return 8;
    case Type::u16:
    case Type::i16:
    case Type::f16:
      return 16;
    case Type::f32:
    case Type::i32:
      return 32;
    case Type::i64:
    case Type::f64:
      break;
  }
  return 64;
}

/// Extents of a tensor that is stored, outermost first.
using Dimensions = std::vector<std::int64_t>;

/// Bytes of a tensor's elements. The caller knows that they fit.
[[nodiscard]] constexpr std::uint64_t bytes_of(Type type, const Dimensions& extents) noexcept {
  std::uint64_t bits = bits_of(type);
  for (const std::int64_t extent : extents) bits *= static_cast<std::uint64_t>(extent);
  return (bits + 7) / 8;
}

/// An extent of an input or output: a number, or a name where it is not fixed.
using PortExtent = std::variant<std::int64_t, std::string>;

/// An input or output of the graph.
struct Port {
  std::string name;
  Type type = Type::f32;
  std::vector<PortExtent> extents;
};

using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;

struct Node {
  std::string op;
  std::vector<std::string> inputs, outputs;
  std::vector<std::pair<std::string, AttributeValue>> attributes;
};

/// A tensor within the graph's file: shapes, indices, small tables.
struct Constant {
  std::string name;
  Type type = Type::f32;
  Dimensions extents;  ///< none: a scalar
  std::string bytes;   ///< row-major, little-endian
};

/// A tensor in the file beside the graph's.
struct External {
  std::string name;
  Type type = Type::f32;
  Dimensions extents;
  std::uint64_t offset = 0;  ///< in that file

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_of(type, extents); }
};

/// Nodes in an order in which each comes behind those it reads.
struct Graph {
  std::string name;
  std::vector<Node> nodes;
  std::vector<Port> inputs, outputs;
  std::vector<Constant> constants;
  std::vector<External> externals;
};

}  // namespace ingot::model::onnx
