// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/evaluator.hpp>

#include <ingot/text/jinja/parser.hpp>
#include <ingot/text/jinja/scope.hpp>
#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
/// Evaluates the expression of a template that is nothing but `{{ … }}`.
struct One final : Evaluator {
  One(const Program& program, Runtime& runtime, const Value& context) : Evaluator{program, runtime, context} {}
  Result<Value> call(const Value&, Arguments arguments) override {
    return Value::size(arguments.positional.size() + arguments.keywords.size());
  }
  Result<Value> run() {
    Activation root{std::vector<Value>(program_.slots), nullptr};
    here_ = &root;
    INGOT_CHECK(enter(program_.entries));
    return evaluate(*std::get<PrintSyntax>(program_.body.front().node).values.front());
  }
};
std::string evaluated(const std::string& expression) {
  Program program;
  program.source = "{{ " + expression + " }}";
  REQUIRE(Parser::parse(program, Limits{}));
  ScopeResolver::resolve(program);
  Runtime runtime{Limits{}, std::tm{}};
  const Value context = dictionary({{Value{"a"}, number(1)}, {Value{"d"}, dictionary({{Value{"k"}, Value{"v"}}})}});
  return shown(One{program, runtime, context}.run());
}
}  // namespace

TEST_CASE("operators give operands, and stop where Python stops") {
  CHECK(evaluated("a and d.k") == "'v'");
  CHECK(evaluated("0 or '' or none") == "None");
  CHECK(evaluated("1 < 2 < 0 < x.y") == "False");
  CHECK(evaluated("a or x.y") == "1");
  CHECK(evaluated("a ~ none ~ 1.0") == "'1None1.0'");
  CHECK(evaluated("'k' in d and 'v' not in d") == "True");
  CHECK(evaluated("d['k'] if a") == "'v'");
  CHECK(evaluated("1 if not a") == "Undefined");
  CHECK(evaluated("[a, (a,), {a: -a}]") == "[1, (1,), {1: -1}]");
}

TEST_CASE("arguments are spread before a call") {
  CHECK(evaluated("a(1, *[2, 3], x=4, **{'y': 5})") == "5");
  CHECK(evaluated("a(*1)") == "error: TypeError: 'int' object is not iterable: line 1, column 5");
  CHECK(evaluated("a(**1)").starts_with("error: TypeError: argument after ** must be a mapping"));
}

TEST_CASE("names come from the context, then from the functions of every template") {
  CHECK(evaluated("a") == "1");
  CHECK(evaluated("x") == "Undefined");
  CHECK(evaluated("x.y") == "error: 'x' is undefined: line 1, column 5");
  CHECK(evaluated("range is callable") == "True");
  CHECK(evaluated("1 + 'a'").ends_with("line 1, column 6"));
}
