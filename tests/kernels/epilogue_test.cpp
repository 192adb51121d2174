// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/epilogue.hpp>

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>

using namespace ingot::kernels;

TEST_CASE("a strip is stored or added, and nothing behind its last output is touched") {
  const auto values = Ops<isa::scalar>::broadcast(2.0f);
  for (const Update update : {Update::store, Update::add})
    for (const std::size_t count : {1u, 15u, 16u, 40u}) {
      std::vector<float> y(48, 5.0f);
      Write<isa::scalar>::apply(y.data(), values, count, update);
      for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == (i >= std::min<std::size_t>(count, 16) ? 5 : update == Update::add ? 7 : 2));
    }
}
