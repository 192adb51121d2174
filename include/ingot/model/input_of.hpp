// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/input_of.hpp: which matrices of a layer multiply the same input.

#include <cstdint>
#include <string>

#include <ingot/model/weights.hpp>

namespace ingot::model {

enum class MatrixInput : std::uint8_t {
  mixer,         ///< what the norm before the mixer gives
  feed_forward,  ///< what the norm before the feed-forward gives; with Residual::parallel the same
  own,
};

[[nodiscard]] constexpr MatrixInput input_of(Role role) noexcept {
  switch (role) {
    case Role::query:
    case Role::key:
    case Role::value:
    case Role::attention_gate:
    case Role::query_down:
    case Role::kv_down:
    case Role::delta_query:
    case Role::delta_key:
    case Role::delta_value:
    case Role::delta_gate:
    case Role::delta_beta:
    case Role::delta_decay:
    case Role::convolution_input:
      return MatrixInput::mixer;
    case Role::gate:
    case Role::up:
    case Role::router:
    case Role::expert_gate:
    case Role::expert_up:
    case Role::shared_gate:
    case Role::shared_up:
    case Role::shared_switch:
      return MatrixInput::feed_forward;
    default:
      return MatrixInput::own;
  }
}

/// A name for what `matrix` multiplies: one for all matrices of a layer that multiply the same.
[[nodiscard]] inline std::string input_name(Role role, const std::string& matrix) {
  const MatrixInput input = input_of(role);
  return input == MatrixInput::own ? matrix : input == MatrixInput::mixer ? "mixer" : "feed-forward";
}

}  // namespace ingot::model
