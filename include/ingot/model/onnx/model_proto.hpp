// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/model_proto.hpp: a graph as the bytes of a .onnx file.

#include <string>
#include <string_view>

#include <ingot/model/onnx/graph.hpp>

namespace ingot::model::onnx {

/// Operators of version 21 are the first with 4-bit weights and scales by blocks; runners of 2024 and later have them.
inline constexpr int opset = 21;

/// The ModelProto of `graph`, whose externals are in the file `weights_name` of the same directory. Compiled in ingot::runtime.
[[nodiscard]] std::string model_proto(const Graph& graph, std::string_view weights_name);

}  // namespace ingot::model::onnx
