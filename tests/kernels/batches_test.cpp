// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/batches.hpp>

#include <vector>

#include <doctest/doctest.h>

using namespace ingot::kernels;
using Isa = isa::scalar;
using Batch = FloatBatch<Isa>;

TEST_CASE("transform and fold treat every remainder") {
  for (std::size_t n = 0; n < 70; ++n) {
    std::vector<float> x(n + 1), y(n + 1, -1.0f);
    for (std::size_t i = 0; i <= n; ++i) x[i] = static_cast<float>(i + 1);
    transform<Isa>(
        y.data(), n, [](Batch a, Batch b) { return a + b; }, x.data(), x.data());
    for (std::size_t i = 0; i < n; ++i) CHECK(y[i] == 2 * x[i]);
    CHECK(y[n] == -1.0f);
    const auto plus = [](Batch a, Batch b) { return a + b; };
    CHECK(sum_lanes<Isa>(fold<Isa>(x.data(), n, 0.0f, 0.0f, plus, plus)) == static_cast<float>(n * (n + 1) / 2));
    const auto larger = [](Batch a, Batch b) { return xsimd::max(a, b); };
    CHECK(max_lanes<Isa>(fold<Isa>(x.data(), n, 0.5f, 0.5f, larger, larger)) == (n == 0 ? 0.5f : static_cast<float>(n)));
  }
}
