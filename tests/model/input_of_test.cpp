// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/input_of.hpp>

#include <doctest/doctest.h>

using namespace ingot::model;

TEST_CASE("matrices behind one norm have one input, all others their own") {
  CHECK(input_name(Role::query, "a") == input_name(Role::value, "b"));
  CHECK(input_name(Role::router, "a") == input_name(Role::shared_switch, "b"));
  CHECK(input_name(Role::query, "a") != input_name(Role::gate, "a"));
  CHECK(input_name(Role::down, "a") == "a");
  static_assert(input_of(Role::expert_up) == MatrixInput::feed_forward && input_of(Role::expert_down) == MatrixInput::own);
  static_assert(input_of(Role::delta_decay) == MatrixInput::mixer && input_of(Role::output) == MatrixInput::own);
}
