// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/float_product.hpp: c += a b of float matrices, on all lanes: what searches of weights spend their time in.

#include <ingot/quant/product.hpp>

namespace ingot {
class Team;
}

namespace ingot::kernels {

struct Functions;

/// A product that runs the float kernels of `functions` on `team`; both outlive it. Compiled in ingot::runtime.
[[nodiscard]] quant::Product float_product(const Functions& functions, Team& team);

}  // namespace ingot::kernels
