// SPDX-License-Identifier: Apache-2.0
#include "evex.hpp"

#include <ingot/kernels/instantiate.hpp>

template struct ingot::kernels::Instantiate<fixtures::Evex>;
