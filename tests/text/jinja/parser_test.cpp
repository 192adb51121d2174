// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/parser.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
/// The kinds of the statements, nested bodies in parentheses.
std::string kinds(const Body& body);
struct Kind {
  std::string operator()(const TextSyntax&) const { return "t"; }
  std::string operator()(const PrintSyntax& n) const { return "p" + std::to_string(n.values.size()); }
  std::string operator()(const IfSyntax& n) const {
    std::string out = "if";
    for (const auto& branch : n.branches) out += "(" + kinds(branch.second) + ")";
    return out + "else(" + kinds(n.otherwise) + ")";
  }
  std::string operator()(const ForSyntax& n) const {
    return std::string{"for"} + (n.test ? "?" : "") + (n.recursive ? "*" : "") + (n.uses_loop ? "@" : "") + "(" + kinds(n.body) + ")(" +
           kinds(n.otherwise) + ")";
  }
  std::string operator()(const SetSyntax& n) const { return "set" + std::to_string(static_cast<int>(n.target.kind)); }
  std::string operator()(const SetBlockSyntax& n) const { return std::string{n.filter ? "block|" : "block"} + "(" + kinds(n.body) + ")"; }
  std::string operator()(const std::unique_ptr<MacroSyntax>& n) const {
    return n->name + std::to_string(n->parameters.size()) + (n->uses_caller ? "c" : "") + (n->uses_keywords ? "k" : "") +
           (n->uses_positional ? "v" : "") + "(" + kinds(n->body) + ")";
  }
  std::string operator()(const CallBlockSyntax& n) const {
    return std::string{n.call ? "call" : "generation"} + std::to_string(n.body->parameters.size()) + "(" + kinds(n.body->body) + ")";
  }
  std::string operator()(const FilterBlockSyntax& n) const { return "filter(" + kinds(n.body) + ")"; }
  std::string operator()(const WithSyntax& n) const { return "with" + std::to_string(n.variables.size()) + "(" + kinds(n.body) + ")"; }
  std::string operator()(const BreakSyntax&) const { return "break"; }
  std::string operator()(const ContinueSyntax&) const { return "continue"; }
};
std::string kinds(const Body& body) {
  std::string out;
  for (const Statement& statement : body) out += (out.empty() ? "" : " ") + std::visit(Kind{}, statement.node);
  return out;
}
std::string parsed(std::string source) {
  Program program;
  program.source = std::move(source);
  const auto status = Parser::parse(program, Limits{});
  return status ? kinds(program.body) : "error: " + status.error().message();
}
}  // namespace

TEST_CASE("statements") {
  CHECK(parsed("a{{ b }}{% print 1, 2 %}") == "t p1 p2");
  CHECK(parsed("{% if a %}x{% elif b %}{{ y }}{% else %}{% if c %}{% endif %}{% endif %}") == "if(t)(p1)else(if()else())");
  CHECK(parsed("{% for a, (b, c) in d if e recursive %}x{% else %}{{ y }}{% endfor %}") == "for?*@(t)(p1)");
  CHECK(parsed("{% for a in b %}{% for c in d %}{{ loop.index }}{% break %}{% endfor %}{% endfor %}") == "for@(for@(p1 break)())()");
  CHECK(parsed("{% set a = 1 %}{% set a.b = 1 %}{% set a, b = c %}{% set x | f | g %}y{% endset %}") == "set0 set1 set2 block|(t)");
  CHECK(parsed("{% macro m(a, b=1) %}{{ caller(kwargs) }}{% endmacro %}{% macro n(kwargs) %}{{ kwargs }}{{ varargs }}{% endmacro %}") ==
        "m2ck(p1) n1v(p1 p1)");
  CHECK(parsed("{% call(x) m() %}t{% endcall %}{% generation %}t{% endgeneration %}{% filter f(1)|g %}t{% endfilter %}{% with a=1, b=2 "
               "%}t{% endwith %}") == "call1(t) generation0(t) filter(t) with2(t)");
}

TEST_CASE("mistakes have a place") {
  CHECK(parsed("x\n {% foo %}") == "error: Encountered unknown tag 'foo'.: line 2, column 5");
  CHECK(
      parsed("{% if a %}{% endfor %}") ==
      "error: Encountered unknown tag 'endfor'. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'.: line 1, column 14");
  CHECK(parsed("{% for a in b %}x")
            .starts_with("error: Unexpected end of template. Jinja was looking for the following tags: 'endfor' or 'else'."));
  for (const char* bad :
       {"{% if %}{% endif %}", "{% endif %}", "{% break %}", "{% for a in b %}{% generation %}{% break %}{% endgeneration %}{% endfor %}",
        "{% set true = 1 %}", "{% set 1 = 1 %}", "{% set a b = 1 %}", "{% for a.b in c %}{% endfor %}",
        "{% macro m(a=1, b) %}{% endmacro %}", "{% macro m(a %}", "{% call x %}{% endcall %}", "{% %}", "{% 1 %}", "{{ a }", "{% if a",
        "{% with a %}{% endwith %}", "{% for a b %}", "{% set %}"})
    CHECK(parsed(bad).starts_with("error: "));
  for (const char* tag : {"{% extends 'a' %}", "{% include 'a' %}", "{% block a %}{% endblock %}", "{% import 'a' as b %}"}) {
    Program program;
    program.source = tag;
    CHECK(Parser::parse(program, Limits{}).error().code == ErrorCode::unsupported);
  }
}

TEST_CASE("depth is bounded") {
  std::string nested, targets = "{% set ";
  for (int i = 0; i < 10'000; ++i) nested += "{% if a %}", targets += "(";
  CHECK(parsed(nested).starts_with("error: nested deeper"));
  CHECK(parsed(targets).starts_with("error: nested deeper"));
  std::string flat = "{% if a %}";
  for (int i = 0; i < 5'000; ++i) flat += "{% elif a %}x";
  CHECK_FALSE(parsed(flat + "{% endif %}").starts_with("error: "));
}
