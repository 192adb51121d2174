// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/isa/scalar.hpp>

#include <doctest/doctest.h>

#include "operations.hpp"

TEST_CASE("the operations of scalar") { operations::check<ingot::kernels::isa::scalar>(); }
