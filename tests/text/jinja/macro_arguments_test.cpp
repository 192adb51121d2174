// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/macro_arguments.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
std::string given(const MacroSyntax& syntax, Arguments arguments) {
  Budget budget;
  Activation activation{std::vector<Value>(5), nullptr};
  const Macro macro{"m", syntax, nullptr};
  const auto status = give_arguments(budget, macro, activation, std::move(arguments));
  if (!status) return status.error().message();
  std::string out;
  for (const Value& value : activation.slots) out += (out.empty() ? "" : " ") + (value.missing() ? "-" : shown(value));
  return out;
}
MacroSyntax macro() {  // slots: a b caller kwargs varargs
  MacroSyntax syntax;
  syntax.parameters.push_back({"a", nullptr, {0, 0}});
  syntax.parameters.push_back({"b", nullptr, {0, 1}});
  syntax.caller = {0, 2};
  syntax.keywords = {0, 3};
  syntax.positional = {0, 4};
  return syntax;
}
}  // namespace

TEST_CASE("parameters by place and by name") {
  CHECK(given(macro(), {{number(1)}, {{"b", number(2)}}}) == "1 2 - - -");
  CHECK(given(macro(), {}) == "- - - - -");
  CHECK(given(macro(), {{number(1), number(2), number(3)}, {}}) == "TypeError: macro 'm' takes not more than 2 argument(s)");
  CHECK(given(macro(), {{number(1)}, {{"a", number(2)}}}) == "TypeError: macro 'm' takes no keyword argument 'a'");
}

TEST_CASE("caller, kwargs and varargs are filled when the body reads them") {
  MacroSyntax syntax = macro();
  syntax.uses_caller = syntax.uses_keywords = syntax.uses_positional = true;
  CHECK(given(syntax, {{number(1), number(2), number(3)}, {{"x", number(4)}, {"caller", number(5)}}}) == "1 2 5 {'x': 4} (3,)");
  CHECK(given(syntax, {}) == "- - Undefined {} ()");
}
