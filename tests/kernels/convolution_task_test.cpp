// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/convolution_task.hpp>

#include <doctest/doctest.h>

using namespace ingot;

TEST_CASE("a task of no rows is the default, with neither gates nor bias nor activation") {
  constexpr kernels::ConvolutionTask task;
  CHECK((task.rows == 0 && task.channels == 0 && task.taps == 0));
  CHECK((task.input_gate == nullptr && task.output_gate == nullptr && task.bias == nullptr));
  CHECK(task.activation == kernels::ConvolutionActivation::none);
  CHECK(kernels::max_taps >= 4);
}
