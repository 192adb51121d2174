// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/limits.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

TEST_CASE("a budget is spent, and what goes beyond it is refused") {
  Limits limits;
  limits.steps = 10;
  limits.output = 100;
  limits.elements = 4;
  Budget budget{limits};
  CHECK(budget.spend(4));
  CHECK(budget.text(64));  // two steps
  CHECK(budget.elements(1));
  CHECK_FALSE(budget.spend(3));
  CHECK(budget.spend(2));
  CHECK_FALSE(budget.spend());
  CHECK_FALSE(budget.spend(~std::uint64_t{0}));
  CHECK_FALSE(Budget{limits}.text(101));
  CHECK_FALSE(Budget{limits}.elements(5));
  CHECK(Budget{limits}.elements(4));
}

TEST_CASE("a search costs what it may compare") {
  Budget budget{Limits{}};
  CHECK(budget.search(1 << 20, 10));
  CHECK(budget.search(10, 1 << 20));
  CHECK_FALSE(budget.search(std::size_t{32} << 20, std::size_t{16} << 20));
}

TEST_CASE("errors carry their code") {
  CHECK(failure("x").exit_code() == 6);
  CHECK(lacking("x").exit_code() == 10);
}
