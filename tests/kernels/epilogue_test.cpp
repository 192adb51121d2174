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
      write_strip<isa::scalar>(y.data(), values, strip_bias<isa::scalar>(nullptr, count), count, update);
      for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == (i >= std::min<std::size_t>(count, 16) ? 5 : update == Update::add ? 7 : 2));
    }
}

TEST_CASE("a bias is added once, and none is read behind the last output") {
  std::vector<float> bias(16, 100.0f);
  for (std::size_t i = 0; i < 3; ++i) bias[i] = static_cast<float>(i + 1);
  for (const Update update : {Update::store, Update::add}) {
    std::vector<float> y(16, 5.0f);
    write_strip<isa::scalar>(y.data(), Ops<isa::scalar>::broadcast(2.0f), strip_bias<isa::scalar>(bias.data(), 3), 3, update);
    const float before = update == Update::add ? 5 : 0;
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == (i < 3 ? before + 2 + bias[i] : 5));
  }
}
