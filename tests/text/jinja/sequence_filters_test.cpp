// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/sequence_filters.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
struct Fixture {
  Runtime runtime{Limits{}, std::tm{}};
  Value words = list({Value{"pear"}, Value{"Apple"}, Value{"fig"}, Value{"apple"}});
  std::string filtered(Filter filter, const Value& input, std::vector<Value> arguments = {}) {
    auto result = filter(runtime, input, {std::move(arguments), {}});
    if (result && result->iterator()) return shown(list(*to_items(runtime.budget, *result)));
    return shown(result);
  }
};
}  // namespace

TEST_CASE_FIXTURE(Fixture, "sorting and grouping ignore case unless told") {
  CHECK(filtered(filters::sort, words) == "['Apple', 'apple', 'fig', 'pear']");
  CHECK(filtered(filters::sort, words, {Value{true}}) == "['pear', 'fig', 'Apple', 'apple']");
  CHECK(filtered(filters::sort, words, {Value{false}, Value{true}}) == "['Apple', 'apple', 'fig', 'pear']");
  CHECK(filtered(filters::sort, list({number(1), Value{"a"}})).starts_with("error: TypeError"));
  CHECK(filtered(filters::unique, words) == "['pear', 'Apple', 'fig']");
  CHECK(filtered(filters::unique, list({number(1), Value{1.0}, Value{true}, Value{"1"}})) == "[1, '1']");
  CHECK(filtered(filters::unique, list({list({})})).starts_with("error: TypeError: unhashable"));
  CHECK(filtered(filters::extreme<false>, words) == "'Apple'");
  CHECK(filtered(filters::extreme<true>, list({})) == "Undefined");
  const Value pairs = list({list({Value{"b"}, number(1)}), list({Value{"a"}, number(2)}), list({Value{"B"}, number(3)})});
  CHECK(filtered(filters::group_by, pairs, {number(0)}) == "[('a', [['a', 2]]), ('b', [['b', 1], ['B', 3]])]");
  CHECK(filtered(filters::dictionary_sort, dictionary({{Value{"b"}, number(1)}, {Value{"A"}, number(2)}})) == "[('A', 2), ('b', 1)]");
}

TEST_CASE_FIXTURE(Fixture, "first, last, reverse") {
  CHECK(filtered(filters::first, Value{"日本"}) == "'日'");
  CHECK(filtered(filters::last, Value{"日本"}) == "'本'");
  CHECK(filtered(filters::first, list({})) == "Undefined");
  CHECK(filtered(filters::reverse, Value{"日本"}) == "'本日'");
  CHECK(filtered(filters::reverse, words) == "['apple', 'fig', 'Apple', 'pear']");
  const Value once = *make_iterator(runtime.budget, {number(1), number(2)});
  CHECK(filtered(filters::first, once) == "1");
  CHECK(filtered(filters::list, once) == "[2]");
  CHECK(filtered(filters::last, once).starts_with("error: TypeError"));
}

TEST_CASE_FIXTURE(Fixture, "batches and slices, filled up or not") {
  const Value five = list({number(1), number(2), number(3), number(4), number(5)});
  CHECK(filtered(filters::batch, five, {number(2)}) == "[[1, 2], [3, 4], [5]]");
  CHECK(filtered(filters::batch, five, {number(3), Value{"x"}}) == "[[1, 2, 3], [4, 5, 'x']]");
  CHECK(filtered(filters::slices, five, {number(2)}) == "[[1, 2, 3], [4, 5]]");
  CHECK(filtered(filters::slices, five, {number(3), number(0)}) == "[[1, 2], [3, 4], [5, 0]]");
  CHECK(filtered(filters::slices, five, {number(0)}).starts_with("error: "));
  CHECK(filtered(filters::batch, five, {number(1'000'000'000), Value{"x"}}).starts_with("error: container larger"));
}

TEST_CASE_FIXTURE(Fixture, "default, join, items, attr") {
  CHECK(filtered(filters::fallback, Value::undefined(""), {number(1)}) == "1");
  CHECK(filtered(filters::fallback, Value{""}, {number(1)}) == "''");
  CHECK(filtered(filters::fallback, Value{""}, {number(1), Value{true}}) == "1");
  CHECK(filtered(filters::join, list({number(1), none(), Value{"a"}}), {Value{"-"}}) == "'1-None-a'");
  CHECK(filtered(filters::items, dictionary({{Value{"a"}, number(1)}})) == "[('a', 1)]");
  CHECK(filtered(filters::items, list({})).starts_with("error: TypeError"));
  CHECK(filtered(filters::get_attribute, dictionary({{Value{"a"}, number(1)}}), {Value{"a"}}) == "Undefined");
}
