// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/iterate.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

TEST_CASE("truth and length") {
  Budget budget;
  for (const Value& value : {none(), Value{false}, number(0), Value{0.0}, Value{""}, list({}), dictionary({}), Value::undefined("")})
    CHECK_FALSE(truth(value));
  for (const Value& value : {Value{true}, number(-1), Value{"0"}, list({none()}), *make_iterator(budget, {})}) CHECK(truth(value));
  CHECK(*length(budget, Value{"日本"}) == 2);
  CHECK(*length(budget, Value::undefined("")) == 0);
  CHECK(length(budget, number(1)).error().what == "TypeError: object of type 'int' has no len()");
  CHECK_FALSE(length(budget, *make_iterator(budget, {})));
}

TEST_CASE("iteration walks characters, keys and elements; iterators only once") {
  Budget budget;
  CHECK(shown(list(*to_items(budget, Value{"a日"}))) == "['a', '日']");
  CHECK(shown(list(*to_items(budget, dictionary({{Value{"k"}, number(1)}})))) == "['k']");
  CHECK(to_items(budget, Value::undefined(""))->empty());
  const Value once = *make_iterator(budget, {number(1), number(2)});
  CHECK(to_items(budget, once)->size() == 2);
  CHECK(to_items(budget, once)->empty());
  CHECK(to_items(budget, number(1)).error().what == "TypeError: 'int' object is not iterable");
}

TEST_CASE("membership") {
  Budget budget;
  CHECK(*contains(budget, Value{"abc"}, Value{"bc"}));
  CHECK(*contains(budget, list({number(1), list({number(2)})}), list({Value{2.0}})));
  CHECK(*contains(budget, dictionary({{Value{"k"}, number(1)}}), Value{"k"}));
  CHECK_FALSE(*contains(budget, dictionary({{Value{"k"}, number(1)}}), number(1)));
  CHECK_FALSE(contains(budget, Value{"abc"}, number(1)));
  CHECK_FALSE(contains(budget, number(1), number(1)));
}
