// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/isa/neon_dotprod.hpp>

#include <doctest/doctest.h>

#include "operations.hpp"

TEST_CASE("the operations of neon_dotprod") { operations::check<ingot::kernels::isa::neon_dotprod>(); }
