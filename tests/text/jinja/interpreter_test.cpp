// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/interpreter.hpp>

#include <ingot/text/jinja/parser.hpp>
#include <ingot/text/jinja/scope.hpp>
#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
std::string run(const std::string& source, Limits limits = {}) {
  Program program;
  program.source = source;
  if (const auto status = Parser::parse(program, limits); !status) return "syntax: " + status.error().message();
  ScopeResolver::resolve(program);
  Runtime runtime{limits, std::tm{}};
  const Value context = dictionary({{Value{"one"}, number(1)},
                                    {Value{"words"}, list({Value{"a"}, Value{"b"}, Value{"c"}})},
                                    {Value{"user"}, dictionary({{Value{"name"}, Value{"Bo"}}})}});
  const auto text = Interpreter{program, runtime, context}.run();
  return text ? *text : "error: " + text.error().message();
}
}  // namespace

TEST_CASE("assignments stay in their scope, namespaces carry them out") {
  CHECK(run("{% set x = 1 %}{% for w in words %}{% set x = w %}{{ x }}{% endfor %}{{ x }}") == "abc1");
  CHECK(run("{% if one %}{% set x = 2 %}{% endif %}{{ x }}") == "2");
  CHECK(run("{% set ns = namespace(n=0) %}{% for w in words %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}") == "3");
  CHECK(run("{% with one = 5 %}{{ one }}{% endwith %}{{ one }}") == "51");
  CHECK(run("{% set d.x = 1 %}") == "error: cannot assign attribute on non-namespace object: line 1, column 8");
}

TEST_CASE("macros see what is around them in the text, not where they are called") {
  CHECK(run("{% macro m(a, b=a) %}{{ a }}{{ b }}{{ w }}{% endmacro %}{% for w in words %}{{ m(w) }}{% endfor %}") == "aabbcc");
  CHECK(run("{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}") == "12");
  CHECK(run("{% macro m(n) %}{{ n }}{{ m(n - 1) if n }}{% endmacro %}{{ m(3) }}") == "3210");
  CHECK(run("{% set ns = namespace() %}{% macro out() %}{% set v = 7 %}{% macro in() %}{{ v }}{% endmacro %}{% set ns.f = in %}{% endmacro "
            "%}{{ out() }}{{ ns.f() }}") == "7");
  CHECK(run("{% macro m() %}<{{ caller(1) }}>{% endmacro %}{% call(x) m() %}{{ x }}{{ one }}{% endcall %}") == "<11>");
  CHECK(run("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}") ==
        "error: TypeError: macro 'm' takes not more than 1 argument(s): line 1, column 35");
}

TEST_CASE("loops") {
  CHECK(run("{% for w in words if w != 'b' %}{{ loop.index }}{{ w }}{{ loop.last }}{% endfor %}") == "1aFalse2cTrue");
  CHECK(run("{% for x in [[1, [2]], [3]] recursive %}{{ loop.depth }}{% if x is iterable %}{{ loop(x) }}{% else %}={{ x }}{% endif %};{% "
            "endfor %}") == "12=1;23=2;;;12=3;;");
  CHECK(run("{% for w in words %}{% if w == 'b' %}{% continue %}{% endif %}{{ w }}{% else %}x{% endfor %}{% for w in [] %}{% else %}none{% "
            "endfor %}") == "acnone");
  CHECK(run("{% for w in words %}{% set t %}{{ w }}{% break %}{% endset %}{% endfor %}{{ t }}") == "");
  CHECK(run("{% set ns = namespace(l=none) %}{% for w in words %}{% set ns.l = loop %}{% endfor %}{{ ns.l.index }}{{ ns.l.last }}{{ "
            "ns.l.length }}") == "3True3");
  CHECK(run("{% set ns = namespace() %}{% macro m() %}{% for x in words recursive %}{% set ns.l = loop %}{{ one }}{% endfor %}{% endmacro "
            "%}{{ m() }}{{ ns.l([5, 6]) }}") == "11111");
}

TEST_CASE("an error names its place, and no text comes out") {
  CHECK(run("text\n  {{ user.name }}{{ user.age.x }}") == "error: 'dict object' has no attribute 'age': line 2, column 29");
  CHECK(run("a{% if one + 'x' %}{% endif %}") == "error: TypeError: unsupported operand type(s) for +: 'int' and 'str': line 1, column 12");
  CHECK(run("a{{ raise_exception('stop') }}b") == "error: stop: line 1, column 20");
  CHECK(run("{{ 1 | nosuch }}") == "error: No filter named 'nosuch'.: line 1, column 8");
  CHECK(run("{{ 1 | nosuch if not one }}") == "");
}

TEST_CASE("endless work ends") {
  CHECK(run("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}").starts_with("error: evaluation nested deeper"));
  CHECK(run("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}").starts_with("error: evaluation nested deeper"));
  CHECK(run("{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")
            .starts_with("error: string larger"));
  CHECK(run("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}")
            .starts_with("error: container larger"));
  CHECK(run("{% set ns = namespace(l=[]) %}{% for i in range(1000) %}{% set ns.l = [ns.l] %}{% endfor %}")
            .starts_with("error: values nested deeper"));
  CHECK(run("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}").starts_with("error: values nested too deeply"));
  Limits limits = few_steps(50'000);
  CHECK(
      run("{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}", limits).starts_with("error: template does more"));
  CHECK(run("{% set ns = namespace(l=[]) %}{% for i in range(50) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}", limits)
            .starts_with("error: template does more"));
  limits = {};
  limits.output = 1000;
  CHECK(run("{% for a in range(1000) %}xx{% endfor %}", limits).starts_with("error: string larger"));
}
