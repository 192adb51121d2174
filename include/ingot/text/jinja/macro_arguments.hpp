// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/macro_arguments.hpp: the arguments of a call as the variables of a macro.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/runtime.hpp>
#include <ingot/text/jinja/syntax.hpp>

namespace ingot::text::jinja {

/// Binds the arguments of a macro to its parameters and to caller, kwargs and varargs.
[[nodiscard]] inline Status give_arguments(Budget& budget, const Macro& macro, Activation& activation, Arguments arguments) {
  const MacroSyntax& syntax = *macro.syntax;
  const std::string name = macro.name.empty() ? "None" : in_quotes(macro.name);
  const auto pop = [&](std::string_view key) {
    for (auto it = arguments.keywords.begin(); it != arguments.keywords.end(); ++it) {
      if (it->first != key) continue;
      Value value = std::move(it->second);
      arguments.keywords.erase(it);
      return value;
    }
    return Value{};
  };
  const std::size_t n = std::min(arguments.positional.size(), syntax.parameters.size());
  bool takes_caller = false;
  for (std::size_t i = 0; i < syntax.parameters.size(); ++i) {
    const auto& parameter = syntax.parameters[i];
    INGOT_CHECK(budget.spend(1 + arguments.keywords.size()));
    activation.slots[parameter.reference.slot] = i < n ? arguments.positional[i] : pop(parameter.name);
    takes_caller = takes_caller || parameter.name == "caller";
  }
  if (syntax.uses_caller && !takes_caller) {
    Value caller = pop("caller");
    activation.slots[syntax.caller.slot] = caller.missing() || caller.none() ? Value::undefined("No caller defined") : std::move(caller);
  }
  if (syntax.uses_keywords) {
    std::vector<std::pair<Value, Value>> entries;
    for (auto& [key, value] : arguments.keywords) entries.emplace_back(Value{key}, std::move(value));
    INGOT_TRY(activation.slots[syntax.keywords.slot], make_dictionary(budget, std::move(entries)));
  } else if (!arguments.keywords.empty()) {
    return failure("TypeError: macro " + name + " takes no keyword argument " + in_quotes(arguments.keywords.front().first));
  }
  if (syntax.uses_positional) {
    INGOT_TRY(activation.slots[syntax.positional.slot],
              make_tuple(budget, {arguments.positional.begin() + static_cast<std::ptrdiff_t>(n), arguments.positional.end()}));
  } else if (arguments.positional.size() > n) {
    return failure("TypeError: macro " + name + " takes not more than " + std::to_string(n) + " argument(s)");
  }
  return {};
}

}  // namespace ingot::text::jinja
