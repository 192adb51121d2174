// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/product.hpp: the one operation on large matrices that searches ask of whoever has kernels.

#include <functional>

#include <ingot/tensor/tensor.hpp>

namespace ingot::quant {

/// c [m, n] += a [m, k] b [k, n]; c overlaps neither. The result does not depend on the number of threads.
using Product = std::function<void(Rows<const float> a, Rows<const float> b, Rows<float> c)>;

}  // namespace ingot::quant
