// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/isa/amx.hpp>

#include <array>
#include <cstdint>

#include <doctest/doctest.h>

#include "operations.hpp"

TEST_CASE("the operations of amx") { operations::check<ingot::kernels::isa::amx>(); }

namespace {

using ingot::kernels::isa::amx;
using Blocks = ingot::kernels::Ops<amx>::Blocks;

template <bool is_signed>
void check(std::size_t columns) {
  std::array<std::array<std::int8_t, 64>, 16> x{};
  std::array<std::array<std::byte, 64>, 16> w{};
  alignas(64) std::int32_t totals[16][16];
  std::mt19937 random{7};
  for (std::size_t m = 0; m < 16; ++m)
    for (std::size_t i = 0; i < 64; ++i) {
      x[m][i] = static_cast<std::int8_t>(random()), w[m][i] = static_cast<std::byte>(random());
      totals[m][i / 4] = static_cast<std::int32_t>(m * 100 + i / 4);
    }
  const auto before = [](std::size_t m, std::size_t n) { return static_cast<std::int32_t>(m * 100 + n); };
  {
    const Blocks registers{columns, 4, 6};
    Blocks::load<3>(totals, sizeof totals[0]);
    Blocks::load<5>(x.data(), sizeof x[0]);
    Blocks::load<7>(w.data(), sizeof w[0]);
    Blocks::multiply<3, 5, 7, is_signed>();
    Blocks::store<3>(totals, sizeof totals[0]);
  }
  for (std::size_t m = 0; m < 16; ++m)
    for (std::size_t n = 0; n < 16; ++n) {
      std::int32_t sum = before(m, n);
      for (std::size_t k = 0; k < columns; ++k) {
        const auto code = std::to_integer<std::uint8_t>(w[k / 4][4 * n + k % 4]);
        sum += x[m][k] * (is_signed ? std::int32_t{static_cast<std::int8_t>(code)} : std::int32_t{code});
      }
      CHECK(totals[m][n] == sum);
    }
}

}  // namespace

TEST_CASE("blocks of every width are multiplied exactly") {
  if (!amx::supported()) {
    MESSAGE("skipped: this CPU or system has no AMX");
    return;
  }
  for (std::size_t columns = 4; columns <= 64; columns += 4) check<true>(columns), check<false>(columns);
  {
    const Blocks registers{64, 4, 6};
    std::int32_t zeros[16][16];
    Blocks::clear<0>();
    Blocks::store<0>(zeros, sizeof zeros[0]);
    for (const auto& row : zeros)
      for (const std::int32_t value : row) CHECK(value == 0);
  }
}
