// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/isa/avx512vnni.hpp>

#include <doctest/doctest.h>

#include "operations.hpp"

TEST_CASE("the operations of avx512vnni") { operations::check<ingot::kernels::isa::avx512vnni>(); }
