// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/list.hpp>

#include <string_view>

#include <doctest/doctest.h>

using namespace ingot::model::families;

namespace {
struct One {
  static constexpr std::string_view name = "one", model_types[]{"a", "b"};
};
struct Two {
  static constexpr std::string_view name = "two", model_types[]{"c"};
};
struct Newer {
  static constexpr std::string_view name = "newer", model_types[]{"b", "d"};
};

/// The name of the family that a list visits; empty: none.
template <class Families>
std::string_view visited(std::string_view model_type) {
  std::string_view name;
  int visits = 0;
  const bool found = Families::visit(model_type, [&]<class F>() { name = F::name, ++visits; });
  CHECK(visits == (found ? 1 : 0));
  CHECK(found == Families::has(model_type));
  return name;
}
}  // namespace

TEST_CASE("a model_type is read by the family that names it, whole and as it is spelled") {
  using Both = List<One, Two>;
  static_assert(Both::has("a") && Both::has("b") && Both::has("c") && !Both::has("d"));
  CHECK(visited<Both>("a") == "one");
  CHECK(visited<Both>("b") == "one");
  CHECK(visited<Both>("c") == "two");
  for (const std::string_view unknown : {"", "A", "a ", "ab", "one"}) CHECK(visited<Both>(unknown).empty());
}

TEST_CASE("families that a list is extended with are looked at first") {
  using More = List<One, Two>::with<Newer>;
  CHECK(visited<More>("b") == "newer");
  CHECK(visited<More>("d") == "newer");
  CHECK(visited<More>("a") == "one");
}
