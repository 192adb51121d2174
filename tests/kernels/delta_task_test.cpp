// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/delta_task.hpp>

#include <doctest/doctest.h>

using namespace ingot;

TEST_CASE("a state's rows are whole registers of every instruction set") {
  for (std::uint32_t value = 1; value < 100; ++value) {
    const std::size_t columns = kernels::state_columns({8, value});
    CHECK(columns % 16 == 0);
    CHECK((columns >= value && columns < value + 16));
    CHECK(kernels::delta_state_floats({8, value}) == 8 * columns);
  }
}
