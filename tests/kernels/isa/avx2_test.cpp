// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/isa/avx2.hpp>

#include <doctest/doctest.h>

#include "operations.hpp"

TEST_CASE("the operations of avx2") { operations::check<ingot::kernels::isa::avx2>(); }
