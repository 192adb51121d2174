// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/runtime.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

TEST_CASE("arguments find their parameters") {
  const auto all = bind("f", {{number(1)}, {{"c", number(3)}}}, {"a", "b", "c"}, 1);
  REQUIRE(all);
  CHECK((*all)[0].small() == 1);
  CHECK((*all)[1].missing());
  CHECK((*all)[2].small() == 3);
  CHECK_FALSE(bind("f", {{number(1), number(2)}, {}}, {"a"}));
  CHECK(bind("f", {{}, {{"x", none()}}}, {"a"}).error().what == "TypeError: f() got an unexpected keyword argument 'x'");
  CHECK(bind("f", {{none()}, {{"a", none()}}}, {"a"}).error().what == "TypeError: f() got multiple values for argument 'a'");
  CHECK(bind("f", {}, {"a"}, 1).error().what == "TypeError: f() missing required argument 'a'");
}

TEST_CASE("indices and texts are checked") {
  CHECK(*to_index(Value{true}) == 1);
  CHECK(*to_index(Value{Integer{std::string_view{"-99999999999999999999"}}}) == std::numeric_limits<std::int64_t>::min());
  CHECK(*to_index(none(), 7) == 7);
  CHECK_FALSE(to_index(Value{1.0}));
  CHECK(to_index(Value::undefined("gone")).error().what == "gone");
  CHECK(*to_width(number(-5), 1) == 0);
  CHECK(*to_str(Value{"a"}, "x") == "a");
  CHECK_FALSE(to_str(number(1), "x"));
}

TEST_CASE("objects live as long as the runtime, and cost") {
  Runtime runtime{few_steps(20), std::tm{}};
  CHECK(runtime.make<Namespace>());
  CHECK(runtime.make<Namespace>());
  CHECK_FALSE(runtime.make<Namespace>());
  CHECK(runtime.objects.size() == 2);
}
