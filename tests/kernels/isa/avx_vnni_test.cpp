// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/isa/avx_vnni.hpp>

#include <doctest/doctest.h>

#include "../evex.hpp"
#include "operations.hpp"

TEST_CASE("the operations of avx_vnni") { operations::check<ingot::kernels::isa::avx_vnni>(); }
TEST_CASE("the operations of avx_vnni in the other encoding") { operations::check<fixtures::Evex>(); }
