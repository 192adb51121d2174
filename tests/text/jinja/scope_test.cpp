// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/scope.hpp>

#include <ingot/text/jinja/parser.hpp>

#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
Program resolved(const char* source) {
  Program program;
  program.source = source;
  REQUIRE(Parser::parse(program, Limits{}));
  ScopeResolver::resolve(program);
  return program;
}
const Name& printed(const Statement& statement) { return std::get<Name>(std::get<PrintSyntax>(statement.node).values.front()->node); }
}  // namespace

TEST_CASE("what is read first comes from the context, what is assigned first is new") {
  const Program read = resolved("{{ a }}{% set a = 1 %}{{ a }}");
  REQUIRE(read.entries.size() == 1);
  CHECK(read.entries[0].kind == ScopeEntry::Kind::context);
  CHECK(read.slots == 1);
  const Program assigned = resolved("{% set a = 1 %}{{ a }}");
  REQUIRE(assigned.entries.size() == 1);
  CHECK(assigned.entries[0].kind == ScopeEntry::Kind::missing);
}

TEST_CASE("what only some branches assign keeps what it was") {
  CHECK(resolved("{% if x %}{% set a = 1 %}{% endif %}{{ a }}").entries.back().kind == ScopeEntry::Kind::context);
  const Program inner = resolved("{% set a = 1 %}{% for i in x %}{% if i %}{% set a = 2 %}{% endif %}{{ a }}{% endfor %}");
  const auto& loop = std::get<ForSyntax>(inner.body[1].node);
  REQUIRE(loop.entries.size() == 1);
  CHECK(loop.entries[0].kind == ScopeEntry::Kind::copy);
  CHECK(printed(loop.body[1]).reference.slot == loop.entries[0].slot);
}

TEST_CASE("a loop body reads the variable around it, or copies it when it assigns") {
  const Program reads = resolved("{% set a = 1 %}{% for i in x %}{{ a }}{% endfor %}");
  CHECK(std::get<ForSyntax>(reads.body[1].node).entries.empty());
  const Program writes = resolved("{% set a = 1 %}{% for i in x %}{{ a }}{% set a = 2 %}{% endfor %}");
  REQUIRE(std::get<ForSyntax>(writes.body[1].node).entries.size() == 1);
  CHECK(std::get<ForSyntax>(writes.body[1].node).entries[0].kind == ScopeEntry::Kind::copy);
}

TEST_CASE("macros and recursive loops have slots of their own") {
  const Program program =
      resolved("{% set a = 1 %}{% macro m(b) %}{{ a }}{{ b }}{% endmacro %}{% for i in x recursive %}{{ a }}{{ i }}{% endfor %}");
  const auto& macro = *std::get<std::unique_ptr<MacroSyntax>>(program.body[1].node);
  CHECK(printed(macro.body[0]).reference.hops == 1);
  CHECK(printed(macro.body[1]).reference.hops == 0);
  CHECK(macro.slots == 1);
  const auto& loop = std::get<ForSyntax>(program.body[2].node);
  CHECK(printed(loop.body[0]).reference.hops == 1);
  CHECK(printed(loop.body[1]).reference.hops == 0);
  CHECK(loop.slots == 2);
}

TEST_CASE("many branches with many names take no quadratic time") {
  std::string source;
  for (int i = 0; i < 8'000; ++i) source += "{% if x %}{% set a" + std::to_string(i) + " = 1 %}{% endif %}";
  Program program;
  program.source = source;
  REQUIRE(Parser::parse(program, Limits{}));
  ScopeResolver::resolve(program);
  CHECK(program.slots == 8'001);
}
